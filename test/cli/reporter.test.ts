import { expect, test, vi } from 'vitest';
import { createReporter } from '../../src/cli/reporter.js';

test('a line of an evaluation from before the start has no time left, and no blanks at its end', async () => {
  const lines: string[] = [];
  vi.stubGlobal('process', {
    ...process,
    stderr: { isTTY: false, write: (text: string) => lines.push(text) },
  });
  const reporter = await createReporter(false);
  reporter.begin('seed 1', 400, 'update', 80);
  reporter.evaluated({ update: 60, test_accuracy: 0.9 });
  reporter.evaluated({ update: 100, test_accuracy: 0.9 });
  vi.unstubAllGlobals();
  expect(lines).toEqual([
    'seed 1  update 60/400  accuracy 90.00 %\n',
    expect.stringMatching(/^seed 1 {2}update 100\/400 {2}accuracy 90.00 % {2}\S.* left\n$/),
  ]);
});
