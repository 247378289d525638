import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // See src/compute/telemetry.ts: tests load ONNX Runtime themselves too.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Left to itself it keeps a core free: half of two.
    maxWorkers: '100%',
  },
});
