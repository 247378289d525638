import { stringify } from 'yaml';
import { isMapping, type Mapping } from '../../base/mapping.js';
import { axis, axisPaths, axisValues } from '../../config/axes.js';
import type { StudyRun } from '../../study/study-run.js';
import { html, scrolling, section, type Markup } from './markup.js';

/** The part of the configs that all runs share, as YAML, and what differs from experiment to experiment. */
export function configs(runs: readonly StudyRun[]): Markup {
  const shared = runs.map(({ config }): Mapping => ({ ...config, seeds: undefined })).reduce(common);
  const experiments = new Map(runs.map((run) => [run.hash, run]));
  return section(
    'Configuration',
    html`<p>
      ${experiments.size > 1 ? 'All experiments share' : 'The experiment, every default filled in'}:
    </p> `,
    scrolling('Shared configuration', html`<pre><code>${stringify(shared, { lineWidth: 0 })}</code></pre>`),
    experiments.size > 1 && differences(runs, [...experiments.values()]),
  );
}

/** What two mappings have in common, at any depth. */
function common(a: Mapping, b: Mapping): Mapping {
  const result: Mapping = {};
  for (const [key, value] of Object.entries(a)) {
    const other = b[key];
    if (isMapping(value) && isMapping(other)) {
      const inner = common(value, other);
      if (Object.keys(inner).length > 0) result[key] = inner;
    } else if (JSON.stringify(value) === JSON.stringify(other)) result[key] = value;
  }
  return result;
}

function differences(runs: readonly StudyRun[], experiments: readonly StudyRun[]): Markup {
  const paths = axisPaths(experiments).filter(
    (path) => path !== axis.hash && axisValues(experiments, path).length > 1,
  );
  const seedsOf = (hash: string) =>
    runs
      .filter((run) => run.hash === hash)
      .map(({ seed }) => seed)
      .sort((a, b) => a - b)
      .join(', ');
  const rows = experiments.map(
    ({ axes, hash, summary }) =>
      html`<tr>
        <th scope="row"><code>${summary.slug}-${summary.hash8}</code></th>
        ${paths.map((path) => html`<td class="value">${String(axes.get(path) ?? '–')}</td>`)}
        <td class="number">${seedsOf(hash)}</td>
      </tr> `,
  );
  return scrolling(
    'Experiments',
    html`<table>
      <caption>
        Experiments<small>keys in which they differ; – is no such key</small>
      </caption>
      <thead>
        <tr>
          <th scope="col">experiment</th>
          ${paths.map((path) => html`<th scope="col"><code>${breakable(path)}</code></th>`)}
          <th scope="col" class="number">seeds</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}

/** A dotted path that may go on in the next line after each dot. */
function breakable(path: string): Markup {
  const [first, ...rest] = path.split('.');
  return rest.reduce((written, key) => html`${written}.<wbr />${key}`, html`${first}`);
}
