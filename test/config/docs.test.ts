import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/sweep/load.js';
import {
  byzantineKeys,
  checkpointKeys,
  configKeys,
  evaluateKeys,
  keysInSections,
  sectionKeys,
} from '../../src/config/schema.js';
import { builtins } from '../../src/simulation/catalogue.js';

const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'byzsim-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n');
writeFileSync(join(folder, 'trace.txt'), '1\n2\n3\n5\n4\n');
const base = join(folder, 'base.yaml');
writeFileSync(base, 'dataset: mnist\nworkers: 9\naggregator: cwmed\noptimizer: sgd\nupdates: 100\n');

describe('docs/config.md', () => {
  const { servers, network, faults } = keysInSections;
  const common = { ...configKeys, ...byzantineKeys, ...checkpointKeys, ...evaluateKeys };
  const ofModes = [...builtins.modes.values()].flatMap(({ parameters, byzantine }) => [
    ...Object.keys({ ...parameters, ...byzantine }),
  ]);
  const all = Object.keys({ ...common, ...sectionKeys, ...servers, ...network, ...faults });
  test.each([...new Set([...all, ...ofModes])])('tells of %s', (key) => {
    expect(page).toContain(`\`${key}\``);
  });

  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, example]) => example);
  test.each(examples)('shows keys that work: %s', async (example) => {
    const keys = parse(example) as Record<string, unknown>;
    const overrides = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    await expect(loadConfig(base, overrides, builtins)).resolves.toHaveProperty('config');
  });
});
