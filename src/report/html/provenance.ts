import { isMapping, type Mapping } from '../../base/mapping.js';
import type { StudyRun } from '../../study/study-run.js';
import { groupBy } from '../../study/grouping.js';
import { counted, html, scrolling, section, type Content, type Markup } from './markup.js';

/** What the results depend on besides the configs: each distinct set of programs, machines and data once. */
export function provenance(runs: readonly StudyRun[]): Markup {
  const groups = [...groupBy(runs, ({ meta }) => JSON.stringify(origin(meta))).values()];
  return section(
    'Provenance',
    groups.map((group) => {
      const title = groups.length > 1 && html`<h3>${counted(group.length, 'run')}</h3> `;
      return html`${title}
        <dl>
          ${facts(group).map(
            ([term, value]) =>
              html`<dt>${term}</dt>
                <dd>${value}</dd> `,
          )}
        </dl> `;
    }),
    checksums(runs),
  );
}

/** What two runs of one origin have in common: not their seeds, command lines and times. */
function origin({ byzsim, git, node, platform, cpu, cores, engine }: Mapping): unknown[] {
  return [byzsim, git, node, platform, cpu, cores, engine];
}

function facts(group: readonly StudyRun[]): [string, Content][] {
  const { byzsim, git, node, platform, cpu, cores, engine } = group[0].meta;
  const commit = isMapping(git) ? gitState(git) : 'not from a checkout';
  const dates = group.map(({ meta }) => meta.started).filter((date) => typeof date === 'string');
  const days = [...new Set(dates.map((date) => date.slice(0, 10)))].sort();
  const seconds = group.reduce((sum, { summary }) => sum + (summary.wall_seconds || 0), 0);
  const list: [string, unknown][] = [
    ['byzsim', byzsim],
    ['commit', commit],
    ['engine', isMapping(engine) ? engineLabel(engine) : undefined],
    ['Node', [node, platform].filter(Boolean).join(', ')],
    ['processor', [cpu, typeof cores === 'number' && counted(cores, 'core')].filter(Boolean).join(', ')],
    ['begun', days.length > 1 ? `${days[0]} to ${days[days.length - 1]}` : days[0]],
    ['time of computing', seconds > 0 && `${timeOf(seconds)}, all runs together`],
  ];
  return list.filter(([, value]) => value).map(([term, value]) => [term, value as Content]);
}

/** Rounded up, so that nothing takes no time. */
function timeOf(seconds: number): string {
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function gitState({ commit, modified }: Mapping): Markup {
  return html`<code>${String(commit)}</code>${modified === true && ', with uncommitted changes'}`;
}

function engineLabel({ backend, version, device, threads }: Mapping): string {
  const parts = [device, typeof threads === 'number' && counted(threads, 'thread')].filter(Boolean);
  return `${[backend, version].filter(Boolean).join(' ')}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

/** Each file once; a file that had different contents in different runs, with each of them. */
function checksums(runs: readonly StudyRun[]): Markup | undefined {
  const lines = new Set<string>();
  for (const { meta } of runs) {
    if (!isMapping(meta.dataset_sha256)) continue;
    for (const [file, sum] of Object.entries(meta.dataset_sha256)) lines.add(`${String(sum)}  ${file}`);
  }
  if (lines.size === 0) return undefined;
  return html`<h3>Data, SHA-256</h3>
    ${scrolling('Checksums of the data', html`<pre><code>${[...lines].join('\n')}</code></pre>`)}`;
}

/** The commands that the runs were made with, and how to make one of them again. */
export function commands(runs: readonly StudyRun[]): Markup {
  const lines = [
    ...new Set(runs.flatMap(({ meta }) => (Array.isArray(meta.argv) ? [commandLine(meta.argv)] : []))),
  ];
  const commits = [
    ...new Set(runs.map(({ meta }) => (isMapping(meta.git) ? String(meta.git.commit) : ''))),
  ].filter(Boolean);
  const list = scrolling('Commands', html`<pre><code>${lines.join('\n')}</code></pre>`);
  const from = commits.length === 1 && html` from commit <code>${commits[0].slice(0, 10)}</code>`;
  return section(
    'To make it again',
    lines.length > 0 && html`<p>The runs were made${from} by</p> `,
    lines.length > 12
      ? html`<details>
          <summary>${counted(lines.length, 'command')}</summary>
          ${list}
        </details> `
      : lines.length > 0 && list,
    html`<p>A run folder holds its config: <code>byzsim run FOLDER/config.yaml</code> repeats the run.</p> `,
  );
}

function commandLine(argv: readonly unknown[]): string {
  return ['byzsim', ...argv.map(String)].map(quoted).join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
