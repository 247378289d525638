import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { defineAggregator, type AggregatorDefinition } from '../../src/aggregators/aggregator.js';
import type { Keys } from '../../src/base/definition.js';
import { randomStream } from '../../src/base/random.js';
import type { Snapshot, StateTree } from '../../src/base/state.js';
import { builtins } from '../../src/simulation/catalogue.js';
import type { Row } from '../../src/simulation/driver.js';
import { withExperiment } from '../support/run-config.js';

/**
 * Whatever remembers must say so: of every mode and of everything that a config can name, a run that is saved at a random
 * update and loaded into a fresh run goes on with the same rows and the same model, to the last bit. A definition that is
 * added is drawn in here by itself; one whose parameters have no defaults needs a line below.
 */

const folder = mkdtempSync(join(tmpdir(), 'byzsim-state-'));
afterAll(() => rmSync(folder, { recursive: true }));
const points = Array.from({ length: 11 }, (_, k) => [Math.sin(k), Math.cos(3 * k), k / 5]);
writeFileSync(join(folder, 'points.csv'), points.map((row) => row.join(',')).join('\n'));
writeFileSync(join(folder, 'trace.txt'), '3\n1\n9\n2\n8\n8\n5\n7\n4\n6\n9\n1\n');

const updates = 12;
const base = {
  dataset: { points: 'points.csv' },
  workers: 9,
  byzantine: { count: 1, lambda: 0.2, attack: 'sign-flip' },
  aggregator: 'cwmed',
  optimizer: 'mu2-sgd',
  updates,
  evaluate: { every: 1 },
};
const images = { dataset: 'digits', model: 'logistic', batchSize: 2, evaluate: { every: 6 } };
/** Has batch norms; the engine that is fast with it. */
const cnn = { ...images, model: 'cnn-mnist' };

/** Steps that depend on their number and on the model. */
const changing = { weightDecay: 0.1, milestones: { at: [3, 6, 9], factor: 0.5 } };

const severalServers = {
  mode: 'byzsgd',
  servers: { count: 5, byzantine: 1, attack: 'random' },
  network: { delay: { process: 'exponential', mean: 2 } },
  gatherEvery: 3,
};

/** Parameters that have no default. */
const needed: Record<string, object> = {
  clipping: { radius: 1 },
  'zeno++': { inputs: 2, every: 3 },
  aflguard: { inputs: 2, every: 3, radius: 4 },
  stale: { staleness: 4 },
  sleeper: { from: 6, as: 'gaussian' },
  burst: { from: 2, until: 5, every: 6, as: 'optimal-empire' },
};

/** Every form of a definition. */
function forms({ name, forms = {} }: { name: string; forms?: Readonly<Record<string, Keys>> }): object[] {
  const own = { name, ...needed[name] };
  const names = Object.keys(forms);
  return names.length > 0 ? names.map((form) => ({ ...own, form })) : [own];
}

const named = (key: string, value: object): object => {
  const { name, ...rest } = value as { name: string };
  return { [key]: name, ...rest };
};

function flipsLabels(attack: object): boolean {
  const definition = builtins.attacks.get((attack as { name: string }).name)!;
  return definition.kind === 'estimator' && definition.labels === 'flipped';
}

const cases: [string, object][] = [
  ...[...builtins.modes.keys()].map((mode): [string, object] => [`mode ${mode}`, { mode }]),
  ...[...builtins.optimizers.values()]
    .flatMap(forms)
    .flatMap((optimizer) => [optimizer, { ...optimizer, ...changing }])
    .map((optimizer): [string, object] => [`optimizer ${JSON.stringify(optimizer)}`, { optimizer }]),
  ...[...builtins.aggregators.values()]
    .flatMap(forms)
    .map((rule): [string, object] => [`rule ${JSON.stringify(rule)}`, { aggregator: named('rule', rule) }]),
  ...[...builtins.arrivalRules.values()]
    .flatMap(forms)
    .map((rule): [string, object] => [`rule ${JSON.stringify(rule)}`, { aggregator: named('rule', rule) }]),
  ...[...builtins.metaAggregators.values()]
    .flatMap(forms)
    .map((rule): [string, object] => [
      `meta-aggregator ${JSON.stringify(rule)}`,
      { aggregator: { rule: 'centered-clipping', meta: [named('rule', rule)] } },
    ]),
  ...[...builtins.attacks.values()].flatMap(forms).map((attack): [string, object] => [
    `attack ${JSON.stringify(attack)}`,
    {
      ...(flipsLabels(attack) ? images : {}),
      byzantine: { ...base.byzantine, attack: named('attack', attack) },
      // An attack that tries the rule has a copy of it, which remembers too.
      aggregator: 'centered-clipping',
    },
  ]),
  ...[...builtins.clocks.values()]
    .flatMap(forms)
    .map((clock): [string, object] => [
      `clock ${JSON.stringify(clock)}`,
      { arrival: named('process', clock) },
    ]),
  ...[...builtins.splits.values()].map(({ name, parameters }): [string, object] => [
    `split ${name}`,
    { ...images, split: name in parameters ? { [name]: 0.5 } : name },
  ]),
  ['mode sync with a quorum', { mode: 'sync', quorum: 5, gradientClip: 1 }],
  ...[...builtins.serverAttacks.values()]
    .flatMap(forms)
    .map((attack): [string, object] => [
      `server attack ${JSON.stringify(attack)}`,
      { ...severalServers, servers: { ...severalServers.servers, attack: named('attack', attack) } },
    ]),
  [
    'mode byzsgd with messages that differ by server, faults and T found on the way',
    {
      ...severalServers,
      byzantine: { count: 2, attack: 'little', perServer: true },
      gatherEvery: 'auto',
      optimizer: { name: 'momentum', learningRate: 0.1 },
      faults: [
        { node: 's5', silentFrom: 5, until: 12 },
        { node: 'w9', crashAt: 20 },
      ],
    },
  ],
  [
    'mode byzsgd in a synchronous network',
    { ...severalServers, network: 'synchronous', gatherEvery: 4, optimizer: 'sgd' },
  ],
  ...Object.entries({ async: {}, sync: { mode: 'sync' }, byzsgd: severalServers }).map(
    ([mode, others]): [string, object] => [
      `stale messages at times, in mode ${mode}`,
      {
        ...others,
        byzantine: {
          count: 2,
          attack: { attack: 'burst', from: 3, until: 9, as: { attack: 'stale', staleness: 3 } },
        },
      },
    ],
  ),
  [
    'flipped labels at times',
    { ...images, byzantine: { count: 2, attack: { attack: 'burst', from: 3, until: 9, as: 'label-flip' } } },
  ],
  ['so many messages that the median is kept', { workers: 110 }],
  ['schedule interval', { byzantine: { ...base.byzantine, schedule: 'interval' } }],
  ['a trace', { arrival: { trace: 'trace.txt' } }],
  ['batch-norm statistics and shuffled images', cnn],
];

/** Rows of a fresh run, from a snapshot on if there is one; `save` makes one at an update on the way. */
function play(
  file: string,
  changes: object,
  from?: Snapshot,
  save?: { at: number; keep: (kept: Snapshot, rows: number) => void },
  catalogue = builtins,
) {
  return withExperiment(
    file,
    async ({ state, rows }): Promise<Row[]> => {
      if (from) state.load(from);
      const all: Row[] = [];
      const checkpoints = save && {
        due: (update: number) => update === save.at,
        keep: async (_: number, tree: StateTree) => save.keep(await tree.save(), all.length),
      };
      for await (const row of rows({ checkpoints, keepIterates: true })) all.push(row);
      return all;
    },
    { backend: changes === cnn ? 'onnx' : 'cpu', catalogue },
  );
}

/** The rows of a run after it was saved at an update, and those of a fresh one that is loaded with what was saved. */
async function parted(name: string, changes: object, at: number, catalogue = builtins) {
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
  writeFileSync(file, stringify({ ...base, ...changes }));
  let saved: { snapshot: Snapshot; rows: number } | undefined;
  const keep = (snapshot: Snapshot, rows: number) => void (saved = { snapshot, rows });
  const whole = await play(file, changes, undefined, { at, keep }, catalogue);
  // Plain data only, in the form that files have.
  const snapshot = deserialize(serialize(saved!.snapshot)) as Snapshot;
  return {
    after: whole.slice(saved!.rows),
    loaded: await play(file, changes, snapshot, undefined, catalogue),
  };
}

describe('a run that is saved and loaded goes on as if nothing had been', () => {
  const draw = randomStream(1, 'state');
  test.each(cases)('%s', async (name, changes) => {
    const at = 1 + Math.floor(draw() * (updates - 1));
    const { after, loaded } = await parted(name, changes, at);
    expect(loaded, `saved at update ${at}`).toEqual(after);
    expect(loaded.length).toBeGreaterThan(0);
  });
});

test('a part that does not say what it remembers is found out', async () => {
  const forgetful = defineAggregator({
    name: 'forgetful',
    summary: 'each message in turn',
    source: 'a test',
    weighted: false,
    parameters: {},
    create() {
      let turn = 0;
      return (messages) => {
        turn = (turn + 1) % messages.size;
        return messages.combine(Array.from({ length: messages.size }, (_, i) => Number(i === turn)));
      };
    },
  });
  const aggregators = new Map([...builtins.aggregators, [forgetful.name, forgetful as AggregatorDefinition]]);
  const catalogue = { ...builtins, aggregators };
  const { after, loaded } = await parted('forgetful', { aggregator: 'forgetful' }, 5, catalogue);
  expect(loaded).not.toEqual(after);
});
