import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { turnTelemetryOff } from '../../src/compute/telemetry.js';

beforeEach(() => vi.stubEnv('ORT_DISABLE_TELEMETRY', undefined));
afterEach(() => vi.unstubAllEnvs());

/** Turns it off in a thread. Returns what went wrong there. */
async function inThread(): Promise<string | undefined> {
  const compiled = new URL('../../dist/compute/telemetry.js', import.meta.url).href;
  const worker = new Worker(`import('${compiled}').then(({ turnTelemetryOff }) => turnTelemetryOff())`, {
    eval: true,
  });
  return once(worker, 'exit').then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('the telemetry of ONNX Runtime', () => {
  it.each([undefined, '', '0'])('is off where the user has set %j', (value) => {
    vi.stubEnv('ORT_DISABLE_TELEMETRY', value);
    turnTelemetryOff();
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe('1');
  });

  it('is off in threads that start afterwards', async () => {
    turnTelemetryOff();
    expect(await inThread()).toBeUndefined();
  });

  it('is no longer in the hands of a thread that has started', async () => {
    expect(await inThread()).toMatch(
      /^ONNX Runtime would report .*: set ORT_DISABLE_TELEMETRY=1 in the main thread/,
    );
  });
});
