import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder far from byzsim, with files in it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-modules-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The median of the means of groups of workers; who is in which stands in a file of its own. */
export const medianOfMeans = {
  'median-of-means.js': `import { defineAggregator, z } from 'byzsim';
import { groupsOf } from './groups.js';

export default defineAggregator({
  name: 'median-of-means',
  title: 'MoM',
  summary: 'median of the means of groups',
  weighted: false,
  parameters: { groups: z.int().min(1).default(3).describe('how many groups') },
  check: ({ groups }, { workers: n }) =>
    groups > n ? \`groups = \${groups} needs groups <= n, but n = \${n}\` : undefined,
  create: ({ groups }) => (messages) => {
    const means = messages.mix(groupsOf(messages.size, groups));
    return means.weightedMedian(new Array(groups).fill(1), 'midpoint');
  },
});
`,
  'groups.js': `export function groupsOf(n, groups) {
  return Array.from({ length: groups }, (_, group) => {
    const size = Array.from({ length: n }, (_, i) => i % groups).filter((own) => own === group).length;
    return Array.from({ length: n }, (_, i) => (i % groups === group ? 1 / size : 0));
  });
}
`,
};

/** One module of every kind that there is. */
export const ofEveryKind = {
  ...medianOfMeans,
  'meta.mjs': `import { defineMetaAggregator, shares } from 'byzsim';
export default defineMetaAggregator({
  name: 'centered-mean',
  summary: 'mean of the mean of all and the center',
  weighted: true,
  parameters: {},
  create: () => ({
    around: (raw, weights, center, { vectors }) => vectors.combine([0.5, 0.5], [center, raw.combine(shares(weights))]),
  }),
});
`,
  'attack.ts': `import { defineAttack, z, type Vector } from 'byzsim';
interface Remembered { value: number }
export default defineAttack({
  name: 'growing',
  summary: 'the first honest message, larger each time',
  parameters: { by: z.number().default(0.1).describe('how much it grows') },
  kind: 'omniscient',
  create({ by }, state) {
    const factor: Remembered = state.remember('factor', -1);
    return ({ honest, vectors }): Vector => vectors.combine([(factor.value -= by)], [honest.row(0)]);
  },
});
`,
  'server-attack.js': `import { defineServerAttack } from 'byzsim';
export default defineServerAttack({
  name: 'half',
  summary: 'half of its model',
  parameters: {},
  kind: 'model',
  create: () => ({ model, vectors }) => vectors.combine([0.5], [model]),
});
`,
  'model.ts': `import { defineModel, layers, type InputSpec } from 'byzsim';
const size = (input: InputSpec) => input.shape.reduce((a, b) => a * b, 1);
export default defineModel({
  name: 'two-layers',
  summary: 'two dense layers',
  parameters: {},
  create: (_, input) =>
    layers.classifier('two-layers', input, layers.sequence(
      layers.flatten(size(input)), layers.dense('a', size(input), 8), layers.relu, layers.dense('b', 8, input.classes))),
});
`,
  'optimizer.js': `import { defineOptimizer, GradientStep, stepKeys } from 'byzsim';
export default defineOptimizer({
  name: 'plain',
  summary: 'gradients as they are',
  parameters: { ...stepKeys },
  create: ({ learningRate }) => ({
    usesReference: false,
    message: () => ({ gradient: 1, previous: 0, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate),
  }),
});
`,
  'clock.js': `import { defineClock } from 'byzsim';
export default defineClock({
  name: 'early-or-late',
  summary: '0.5 or 1.5',
  parameters: {},
  create: (_, random) => () => (random() < 0.5 ? 0.5 : 1.5),
});
`,
  'all.yaml': `dataset: digits
model: {module: model.ts}
mode: byzsgd
workers: 7
byzantine: {count: 2, attack: {module: attack.ts, by: 0.2}}
servers: {count: 5, byzantine: 1, attack: {module: server-attack.js}}
gatherEvery: 5
network: {delay: {module: clock.js}}
arrival: {module: clock.js, speed: id}
aggregator: {module: median-of-means.js, groups: 2, meta: [{module: meta.mjs}]}
optimizer: {module: optimizer.js, learningRate: 0.05}
updates: 12
evaluate: {every: 4}
`,
};
