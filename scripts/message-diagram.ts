/**
 * Draws docs/byzsgd.svg: the messages of one step of ByzSGD and of one gather, as the simulation plays them.
 *
 *   node --import tsx scripts/message-diagram.ts [FILE]
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../src/base/random.js';
import { StateTree } from '../src/base/state.js';
import { palette } from '../src/report/colours.js';
import { Faults } from '../src/simulation/byzsgd/faults.js';
import { nodeName, nodeNames, type Kind } from '../src/simulation/byzsgd/nodes.js';
import { Timing, type Heard } from '../src/simulation/byzsgd/timing.js';

const [servers, byzantineServers, workers, byzantineWorkers] = [5, 1, 4, 1];
const quorums = { models: servers - byzantineServers, gradients: workers - byzantineWorkers };
/** Whose messages are drawn in full. */
const [server, worker] = [0, 1];

const random = randomStream(12, 'diagram');
const links = new Map<string, number>();
const delayOf = (phase: string) => (from: string, to: string) => {
  const link = `${phase} ${from} ${to}`;
  if (!links.has(link)) links.set(link, 0.6 + 1.8 * random());
  return links.get(link)!;
};
const durations = [1.1, 0.8, 1.5, 0.9];

const quorum = (count: number) => ({ takes: count, needs: count });
const timing = new Timing(
  {
    servers,
    silentServers: 0,
    correct: servers - byzantineServers,
    workers,
    quorums: { models: quorum(quorums.models), gradients: quorum(quorums.gradients) },
    delays: { scatter: delayOf('scatter'), gradients: delayOf('gradients'), gather: delayOf('gather') },
    durations: () => [...durations],
    faults: new Faults([]),
  },
  new StateTree(),
);
const times = (heard: readonly (Heard | undefined)[]) => heard.map((each) => each!.time);
const scattered = timing.scatter(1);
const begun = times(scattered);
const computed = begun.map((time, j) => time + durations[j]);
const answered = timing.gradients(1);
const updated = times(answered);
const gathered = timing.gather(1);
const done = times(gathered).map((time, s) => Math.max(time, updated[s]));

const width = 760;
const [left, right, top, gap, between] = [34, 18, 58, 24, 30];
const rowOf = (kind: Kind, k: number) =>
  top + gap * k + (kind === 'worker' ? gap * (servers - 1) + between : 0);
const bottom = rowOf('worker', workers - 1);
const height = bottom + 62;
const scale = (width - left - right) / (Math.max(...done) + 0.3);
const x = (time: number) => round(left + scale * time);
const round = (value: number) => Number(value.toFixed(1));

const ink = '#222222';
const pale = '#d5d5d5';
const colourOf = (name: string) => palette.find((paint) => paint.name === name)!.light;
const [models, gradients, gather, byzantine] = ['blue', 'amber', 'violet', 'red'].map(colourOf);

type Anchor = 'start' | 'middle' | 'end';
const text = (at: number, y: number, words: string, colour = ink, anchor: Anchor = 'middle') =>
  `<text x="${round(at)}" y="${round(y)}" fill="${colour}" text-anchor="${anchor}">${words}</text>`;

/** A message from its sender's row to its receiver's, with a head where it is taken. */
function arrow(
  from: [Kind, number],
  to: [Kind, number],
  sent: number,
  took: number,
  colour: string | undefined,
): string {
  const [x1, y1, x2, y2] = [x(sent), rowOf(...from), x(sent + took), rowOf(...to)];
  const line = `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour ?? pale}" stroke-width="${colour ? 1.3 : 0.8}"/>`;
  if (!colour) return line;
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const corner = (turn: number) =>
    `${round(x2 - 6 * Math.cos(angle + turn))},${round(y2 - 6 * Math.sin(angle + turn))}`;
  return `${line}<polygon points="${x2},${y2} ${corner(0.4)} ${corner(-0.4)}" fill="${colour}"/>`;
}

/** All messages of one phase; those that one receiver takes are drawn in full. */
function phase(
  name: string,
  [from, count]: [Kind, number],
  [to, receivers]: [Kind, number],
  sent: readonly number[],
  heard: readonly (Heard | undefined)[],
  focus: number,
  colour: string,
): { pale: string[]; full: string[] } {
  const drawn = { pale: [] as string[], full: [] as string[] };
  for (let i = 0; i < count; i++)
    for (let j = 0; j < receivers; j++) {
      if (from === to && i === j) continue;
      const took = links.get(`${name} ${nodeName(from, i)} ${nodeName(to, j)}`)!;
      const end = sent[i] + took;
      if (x(end) > width - right) continue;
      const taken = j === focus && heard[j]!.from.includes(i);
      drawn[taken ? 'full' : 'pale'].push(
        arrow([from, i], [to, j], sent[i], took, taken ? colour : undefined),
      );
    }
  return drawn;
}

const phases = [
  phase(
    'scatter',
    ['server', servers],
    ['worker', workers],
    new Array<number>(servers).fill(0),
    scattered,
    worker,
    models,
  ),
  phase('gradients', ['worker', workers], ['server', servers], computed, answered, server, gradients),
  phase('gather', ['server', servers], ['server', servers], updated, gathered, server, gather),
];

const isByzantine = (kind: Kind, k: number) =>
  kind === 'server' ? k >= servers - byzantineServers : k >= workers - byzantineWorkers;
const all: [Kind, number][] = [
  ...Array.from({ length: servers }, (_, k): [Kind, number] => ['server', k]),
  ...Array.from({ length: workers }, (_, k): [Kind, number] => ['worker', k]),
];
const lifelines = all.map(([kind, k]) => {
  const y = rowOf(kind, k);
  const colour = isByzantine(kind, k) ? byzantine : ink;
  return (
    text(left - 8, y + 4, nodeNames(servers, workers)[kind === 'server' ? k : servers + k], colour, 'end') +
    `<line x1="${left}" y1="${y}" x2="${width - right}" y2="${y}" stroke="${colour}" stroke-width="0.8"${isByzantine(kind, k) ? ' stroke-dasharray="4 3"' : ''}/>`
  );
});
const computing = begun.map((time, j) => {
  const [from, to, y] = [x(time), x(time + durations[j]), rowOf('worker', j)];
  const colour = isByzantine('worker', j) ? byzantine : ink;
  return `<rect x="${from}" y="${y - 5}" width="${round(to - from)}" height="10" rx="2" fill="white" stroke="${colour}"/>`;
});
const dot = (kind: Kind, k: number, time: number, colour: string) =>
  `<circle cx="${x(time)}" cy="${rowOf(kind, k)}" r="3.6" fill="${colour}"/>`;
const leader = (at: number, from: number, to: number) =>
  `<line x1="${x(at)}" y1="${from}" x2="${x(at)}" y2="${to}" stroke="#999999" stroke-width="0.8" stroke-dasharray="2 2"/>`;

const first = rowOf('server', server);
const notes = [
  leader(begun[worker], rowOf('worker', worker), bottom + 16),
  text(
    x(begun[worker]),
    bottom + 28,
    `w${worker + 1}: median of the first q_ps = ${quorums.models} models,`,
    models,
  ),
  text(x(begun[worker]), bottom + 42, 'then its gradient there', models),
  leader(updated[server], 38, first),
  text(
    x(updated[server]) + 4,
    18,
    `s${server + 1}: MDA of the first q_w = ${quorums.gradients} gradients,`,
    gradients,
    'end',
  ),
  text(x(updated[server]) + 4, 32, 'and a step', gradients, 'end'),
  leader(done[server], 38, first),
  text(x(done[server]) - 4, 18, `s${server + 1}: median of its own model`, gather, 'start'),
  text(x(done[server]) - 4, 32, `and the first ${quorums.models - 1} others`, gather, 'start'),
  text(x(0), 32, 'scatter', models, 'start'),
  text(width - right, bottom + 42, 'virtual time →', ink, 'end'),
];

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="Liberation Sans, Arial, Helvetica, sans-serif" font-size="11">
<title>Messages of one step of ByzSGD and of one gather</title>
<desc>Five servers, one of them Byzantine, send their models to four workers, one of them Byzantine; a worker computes at the median of the first four; a server moves by what MDA makes of the first three gradients, then takes the median of its own model and the first three others.</desc>
<rect width="${width}" height="${height}" fill="white"/>
${[
  ...phases.flatMap((each) => each.pale),
  ...lifelines,
  ...phases.flatMap((each) => each.full),
  ...computing,
  dot('worker', worker, begun[worker], models),
  dot('server', server, updated[server], gradients),
  dot('server', server, done[server], gather),
  ...notes,
].join('\n')}
</svg>
`;
writeFileSync(process.argv[2] ?? fileURLToPath(new URL('../docs/byzsgd.svg', import.meta.url)), svg);
