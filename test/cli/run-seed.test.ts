import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createReporter } from '../../src/cli/reporter.js';
import { prepare } from '../../src/run/run-seed.js';
import { loadConfig } from '../../src/sweep/load.js';
import { temporaryFolder } from '../support/study.js';
import { builtins } from '../../src/simulation/catalogue.js';

test.each([
  ['points.csv', '1,2\n3,5\n'],
  ['trace.txt', '2\n1\n'],
])('what is computed on is what the run folder is named after: %s', async (name, changed) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n');
  writeFileSync(join(folder, 'trace.txt'), '1\n2\n');
  const file = join(folder, 'small.yaml');
  writeFileSync(
    file,
    'dataset: {points: points.csv}\narrival: {trace: trace.txt}\nworkers: 2\naggregator: mean\noptimizer: sgd\nupdates: 2\n',
  );
  const loaded = await loadConfig(file, [], builtins);
  const reporter = await createReporter(true);
  const prepared = () =>
    prepare(loaded, builtins, { backend: 'cpu', device: 'cpu' }, reporter, new AbortController().signal);
  expect((await prepared()).trace?.workers).toEqual([0, 1]);
  writeFileSync(join(folder, name), changed);
  await expect(prepared()).rejects.toThrow(/^changed file: .*points\.csv or .*trace\.txt is not as it was/);
});
