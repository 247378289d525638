import type { Study } from '../../study/study.js';
import { counted, html, listed, section, type Markup } from './markup.js';

/** Runs that failed, ended early, have not ended, or are missing; nothing where there are none. */
export function gaps({ runs, notes, missing }: Study): Markup | undefined {
  const uneven = unevenSeeds(runs);
  if (notes.length + missing.length + uneven.length === 0) return undefined;
  return section(
    'Failures and gaps',
    html`<ul>
      ${[...notes, ...uneven].map((note) => html`<li>${note}</li> `)}
    </ul> `,
    missing.length > 0 &&
      html`<details>
        <summary>${counted(missing.length, 'missing run')}</summary>
        <ul>
          ${missing.map((folder) => html`<li><code>${folder}</code></li> `)}
        </ul>
      </details> `,
  );
}

/** Experiments that lack a seed which another has. */
function unevenSeeds(runs: Study['runs']): string[] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const experiments = new Map<string, Study['runs']>();
  for (const run of runs) experiments.set(run.hash, [...(experiments.get(run.hash) ?? []), run]);
  return [...experiments.values()].flatMap((group) => {
    const lacking = seeds.filter((seed) => group.every((run) => run.seed !== seed));
    const { slug, hash8 } = group[0].summary;
    return lacking.length === 0
      ? []
      : [
          `${slug}-${hash8} lacks seed${lacking.length === 1 ? '' : 's'} ${listed(lacking.map(String), 'and')}`,
        ];
  });
}
