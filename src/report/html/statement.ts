import { basename } from 'node:path';
import { axis, axisPaths, axisValues, namesOf, type AxisValue } from '../../config/axes.js';
import type { StudyRun } from '../../study/study-run.js';
import { axisTitle, type Labels } from '../../study/labels.js';
import { foremost, groupBy, tellingApart } from '../../study/grouping.js';
import { counted, html, listed, scrolling, section, type Markup } from './markup.js';
import { faults, perServer, servers } from './servers.js';
import { modes, parted, words } from './words.js';

/** What was run, in plain words, and what differs from experiment to experiment. */
export function statement(runs: readonly StudyRun[], labels: Labels): Markup {
  const sentences = [
    `${sizes(runs)}: ${training(runs, labels)}`,
    byzantine(runs, labels),
    servers(runs, labels),
    faults(runs),
    arrivals(runs, labels),
    server(runs, labels),
    length(runs),
  ];
  return section(
    'What was run',
    html`<p>${sentences.filter(Boolean).join(' ')}</p>
      ${variation(runs, labels)}`,
  );
}

/** "8 experiments with 3 seeds each" */
function sizes(runs: readonly StudyRun[]): string {
  const seeds = [...groupBy(runs, ({ hash }) => hash).values()].map(({ length }) => length);
  const least = Math.min(...seeds);
  const most = Math.max(...seeds);
  const range = least < most ? `${least} to ${most} seeds` : counted(most, 'seed');
  const total = least < most ? `, ${runs.length} runs in all` : '';
  return `${counted(seeds.length, 'experiment')} with ${range}${seeds.length > 1 ? ' each' : ''}${total}`;
}

function training(runs: readonly StudyRun[], labels: Labels): string {
  const titles = (path: string) => words(runs, [path], (value) => labels.value(path, value));
  const model = titles('model.name') || words(runs, ['model']) || 'a model';
  const files = axisPaths(runs).filter((path) => path.startsWith('dataset.'));
  const data = titles('dataset') || words(runs, files, (value) => basename(String(value)));
  const [mode, workers] = [titles('mode'), words(runs, ['workers'])];
  return `${mode && `${mode} `}training of ${model}${data && ` on ${data}`} by ${workers} worker${workers === '1' ? '' : 's'}.`;
}

function byzantine(runs: readonly StudyRun[], labels: Labels): string {
  const counts = axisValues(runs, axis.count);
  if (counts.every((count) => count === 0)) return 'None is Byzantine.';
  const attacks = words(runs, [axis.attack], (value) => labels.value(axis.attack, value));
  const carriedOut = words(runs, [axis.as], (value) => labels.value(axis.as, value));
  const interval = axisValues(runs, 'byzantine.schedule').includes('interval');
  const single = counts.length === 1 && counts[0] === 1;
  const lambda = `λ = ${words(runs, [axis.lambda], (value) => String(Number(Number(value).toPrecision(4))))}`;
  const [inStep, oneByOne] = parted(runs, ({ axes }) => labels.inStep(axes.get(axis.mode)) !== undefined);
  const units = [...new Set(inStep.map(({ axes }) => labels.inStep(axes.get(axis.mode))!))].sort();
  const messages = `one message in every ${listed(units, 'or')}`;
  const updates = `a share ${lambda} of all updates${interval ? ' (one in every ⌈1/λ⌉)' : ''}`;
  const sent =
    oneByOne.length === 0
      ? `${messages} (rules are told ${lambda})`
      : inStep.length === 0
        ? updates
        : `${updates} in ${modes(oneByOne, labels)} training, ${messages} in ${modes(inStep, labels)} training`;
  return (
    `Of the workers, ${words(runs, [axis.count])} ${single ? 'is Byzantine and sends' : 'are Byzantine and send'} ` +
    `${sent}, under ${attacks}${carriedOut && ` (as ${carriedOut})`}.${perServer(runs)}`
  );
}

function arrivals(runs: readonly StudyRun[], labels: Labels): string {
  if (axisValues(runs, 'arrival.process').every((process) => process === undefined)) return '';
  const process = words(runs, ['arrival.process'], (value) => labels.value('arrival.process', value));
  const speed = words(runs, ['arrival.speed'], (value) => speeds[String(value)] ?? 'set worker by worker');
  return `The clocks of the workers are ${process}${speed && `; speeds are ${speed}`}.`;
}

const speeds: Readonly<Record<string, string>> = {
  uniform: 'equal',
  id: 'proportional to the id of the worker',
  'id-squared': 'proportional to the square of the id of the worker',
};

function server(runs: readonly StudyRun[], labels: Labels): string {
  const rules = words(runs, [axis.rule], (value) => labels.value(axis.rule, value));
  const weighted = words(runs, [axis.weighted], (value) => weightedWord(runs, value));
  const metas = words(runs, [axis.meta], (value) => labels.value(axis.meta, value));
  const within = axisValues(runs, axis.meta).some((meta) => meta !== undefined && meta !== 'none');
  const optimizers = words(runs, [axis.optimizer], (value) => labels.value(axis.optimizer, value));
  const rate = words(runs, ['optimizer.learningRate']);
  const decay = words(runs, ['optimizer.weightDecay']);
  const milestones = words(runs, ['optimizer.milestones.at']);
  const factor = words(runs, ['optimizer.milestones.factor']);
  return (
    `The server aggregates by ${rules}${weighted && `, ${weighted}`}${within ? `, with ${metas}` : ''}. ` +
    `The optimizer is ${optimizers}${rate && ` with learning rate ${rate}`}${milestones && `, times ${factor} after steps ${milestones}`}` +
    `${decay && `, and weight decay ${decay}`}.`
  );
}

/** Legends mark what is weighted only where there is something to tell it from. */
function weightedWord(runs: readonly StudyRun[], weighted: AxisValue): string {
  if (!weighted) return 'unweighted';
  return axisValues(runs, axis.weighted).length > 1 ? 'weighted (ω-)' : 'weighted';
}

function length(runs: readonly StudyRun[]): string {
  const updates = words(runs, ['updates']);
  const batches = words(runs, ['batchSize']);
  if (!updates) return '';
  return `A run has ${updates} updates${batches && ` with batches of ${batches}`}.`;
}

/**
 * The axes that tell experiments apart, with their values, and whatever else configs were given otherwise, but for
 * parameters of what has a name: these go with the names.
 */
function variation(runs: readonly StudyRun[], labels: Labels): Markup | undefined {
  const paths = [...new Set([...foremost, ...axisPaths(runs)])].filter((path) => path !== axis.hash);
  const telling = tellingApart(runs, [], paths);
  if (telling.length === 0) return undefined;
  const given = new Set(runs.flatMap(({ meta }) => meta.given ?? []));
  const varying = paths.filter((path) => axisValues(runs, path).length > 1);
  const shown = varying.filter(
    (path) => telling.includes(path) || (given.has(path) && namesOf(path).length === 0),
  );
  const settled = shown.length < varying.length;
  const rows = shown.map((path) => {
    const values = axisValues(runs, path).map((value) => labels.plain(path, value));
    return html`<tr>
      <th scope="row">${axisTitle(path)}</th>
      <td><code>${path}</code></td>
      <td>${listed(values, 'and')}</td>
    </tr> `;
  });
  return scrolling(
    'What varies',
    html`<table>
      <caption>
        What varies${settled && html`<small>keys that change with these are under Configuration</small>`}
      </caption>
      <thead>
        <tr>
          <th scope="col">quantity</th>
          <th scope="col">key</th>
          <th scope="col">values</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}
