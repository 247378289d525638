import { expect, test } from 'vitest';
import { endLine, overallLine, runLine } from '../../src/cli/sweep-progress.js';
import type { PlannedRun } from '../../src/sweep/sweep.js';
import { Tracker } from '../../src/sweep/tracker.js';

const axes = new Map<string, string | number>([
  ['aggregator.rule', 'geometric-median'],
  ['aggregator.meta', 'nnm+ctma'],
  ['byzantine.attack', 'label-flip'],
  ['seed', 12],
]);
const long = { id: 'long', axes, seed: 12, config: { updates: 10_000 } } as unknown as PlannedRun;
const short = { ...long, axes: new Map<string, string | number>([['aggregator.rule', 'cwmed']]) };
const inFlight = (run: PlannedRun) => ({ run, start: 0, made: 0, update: 4567, latest: 'accuracy 97.12 %' });

test('the line of a run fits 80 columns, its seed and results whole', () => {
  const line = runLine(inFlight(long), 12_345, 80);
  expect(line).toBe('geometric-median … seed 12  █████░░░░░  45 %  accuracy 97.12 %  3 h 25 min left');
  expect(line.length).toBeLessThanOrEqual(80);
  expect(runLine(inFlight(short), undefined, 80)).toBe(
    'cwmed              seed 12  █████░░░░░  45 %  accuracy 97.12 %',
  );
});

test('what comes above the bars fits too', () => {
  expect(endLine(long, '[123/456] ', '  accuracy 97.12 %  10 min 51 s', 80)).toHaveLength(80);
  expect(endLine(long, '[7/24] ', `  failed: ${'x'.repeat(100)}`, 80)).toHaveLength(80);
});

test('the line of the sweep fits 80 columns', () => {
  let now = 0;
  const tracker = new Tracker([long, short], 1, () => now);
  expect(overallLine('figure', 2, tracker, 80)).toBe(
    'figure                    ░░░░░░░░░░░░░░░░░░░░        0/2 runs',
  );
  tracker.start(long);
  tracker.message(long, { kind: 'began', made: 0 });
  tracker.message(long, { kind: 'update', update: 5000 });
  now = 3_600_000;
  const line = overallLine('x'.repeat(99), 2, tracker, 80);
  expect(line).toMatch(/^x+… {2}█{5}░{15} {8}0\/2 runs {2}3 h 0 min left$/);
  expect(line.length).toBeLessThanOrEqual(80);
});
