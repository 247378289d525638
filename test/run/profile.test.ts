import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProfileReport } from '../../src/compute/profile.js';
import { byzsim } from '../support/cli.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-profile-'));
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
  writeFileSync(
    join(folder, 'small.yaml'),
    `dataset: {points: points.csv}
workers: 5
byzantine: {count: 2, lambda: 0.3, attack: empire}
aggregator: cwmed
optimizer: {name: sgd, learningRate: 0.1}
updates: 20
evaluate: {every: 5}
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) =>
  byzsim(['run', 'small.yaml', '--backend', 'wasm', '--out', 'out', ...args], { cwd: folder });

function seedFolder(): string {
  const [slug] = readdirSync(join(folder, 'out', 'small'));
  return join(folder, 'out', 'small', slug, 'seed-1');
}

function profile(): ProfileReport {
  return JSON.parse(readFileSync(join(seedFolder(), 'profile.json'), 'utf8')) as ProfileReport;
}

describe('run --profile', () => {
  for (const threads of [1, 2]) {
    test(`says where the time went, ${threads} thread(s)`, async () => {
      const { status, stderr } = await run('--profile', '--threads', String(threads));
      expect(status).toBe(0);
      expect(stderr).toMatch(
        /^profile of seed 1: [\d.]+ s, [\d.]+ ms an update, [\d.]+ s of CPU, peak memory \d+ MiB\n\nmain thread /m,
      );
      expect(stderr).toMatch(/^aggregation( +[\d.]+){2} % +20 +[\d.]+$/m);

      const { main_thread: main, compute_threads: pool, wall_seconds: wall } = profile();
      expect([main.aggregation.count, main.server.count]).toEqual([20, 20]);
      const gradients = threads === 1 ? main.gradients : pool.gradients;
      const evaluations = threads === 1 ? main.evaluations : pool.evaluations;
      // A message of each worker at the start and one for each update; the last ones may be under way in threads.
      const messages = main.attack.count + gradients.count;
      expect(messages).toBeLessThanOrEqual(5 + 20);
      expect(messages).toBeGreaterThanOrEqual(threads === 1 ? 5 + 20 : 20);
      expect(evaluations.count).toBe(4);
      expect(pool.count).toBe(threads === 1 ? 0 : 2);
      expect(main.gradients.count + pool.gradients.count).toBe(gradients.count);
      const sum = (Object.values(main) as { seconds: number }[]).reduce(
        (total, { seconds }) => total + seconds,
        0,
      );
      expect(sum).toBeCloseTo(wall, 9);
      expect(main.other.seconds).toBeGreaterThan(-0.001);
    });
  }

  test('leaves the results as they are; without it, no profile stays behind', async () => {
    await run('--profile');
    const metrics = readFileSync(join(seedFolder(), 'metrics.csv'), 'utf8');
    const { stderr } = await run('--force');
    expect(stderr).not.toContain('profile');
    expect(existsSync(join(seedFolder(), 'profile.json'))).toBe(false);
    expect(readFileSync(join(seedFolder(), 'metrics.csv'), 'utf8')).toBe(metrics);
  });

  test('--quiet writes the file only', async () => {
    const { stderr } = await run('--profile', '--quiet');
    expect(stderr).toBe('');
    expect(profile().main_thread.aggregation.count).toBe(20);
  });
});
