import type { Study, StudyRun } from '../results/study.js';
import { axis, axisPaths, axisValues } from '../results/axes.js';
import { chooseColour, chooseFacet, resultColumn, type FigureChoices } from './choices.js';
import { describeFigure } from './figure.js';
import { reportHtml } from './html.js';
import { counted, listed } from './html/markup.js';
import type { ReportFigure } from './html/figures.js';
import type { Threshold } from './html/thresholds.js';
import { capitalised, columnTitle, valueLabel } from './labels.js';
import { renderSvg } from './render.js';
import { arrange, groupBy, tellingApart } from './series.js';

export interface ReportOptions {
  /** Default: the names of the experiments. */
  title?: string;
  thresholds?: readonly Threshold[];
}

/** A report on a study of at least one run: its figures, tables, configs and origin in one HTML file. */
export async function createReport(
  study: Study,
  { title = studyName(study.runs), thresholds }: ReportOptions,
): Promise<string> {
  const quantity = resultColumn(study.runs);
  const figures: ReportFigure[] = [];
  for (const { runs, choices, ...texts } of quantity === undefined
    ? []
    : plannedFigures(study.runs, quantity)) {
    const { spec, notes } = describeFigure(runs, choices);
    const caption = [texts.caption, ...notes.map((note) => `${capitalised(note)}.`)].join(' ');
    figures.push({ svg: await renderSvg(spec), ...texts, caption });
  }
  return reportHtml({ title, study, figures, quantity, thresholds });
}

function studyName(runs: readonly StudyRun[]): string {
  return listed([...new Set(runs.map(({ summary }) => summary.name))].sort(), 'and');
}

interface PlannedFigure {
  runs: readonly StudyRun[];
  choices: FigureChoices;
  caption: string;
  alt: string;
}

/** The curves of the quantity and of the test loss, then the quantity of rules against attacks if both vary. */
function plannedFigures(runs: readonly StudyRun[], quantity: string): PlannedFigure[] {
  const seeds = Math.max(...[...groupBy(runs, ({ hash }) => hash).values()].map((group) => group.length));
  const spread =
    seeds > 1 ? `; mean over ${counted(seeds, 'seed')}, the band is one deviation to either side` : '';
  const curves = parts(runs).flatMap((part) =>
    [...new Set([quantity, 'test_loss'])]
      .filter((y) => part.runs.some(({ rows }) => rows.some((row) => Number.isFinite(row[y]))))
      .map((y) => {
        const what = `${[capitalised(columnTitle(y)), ...part.titles].join(', ')}`;
        const { panels, series } = arrangementOf(part.runs);
        const lines = listed(series.map(({ label }) => label).filter(Boolean), 'and');
        const under = panels.length > 1 ? `, in panels for ${listed(panels, 'and')}` : '';
        return {
          runs: part.runs,
          choices: { y },
          caption: `${what}${spread}.`,
          alt: `${what}, against the number of updates${lines && `: lines for ${lines}`}${under}. The tables below have the numbers.`,
        };
      }),
  );
  const { panels, series } = arrangementOf(runs);
  if (axisValues(runs, axis.attack).length < 2 || series.length < 2) return curves;
  const what = `Final ${columnTitle(quantity)} under each attack, and in the worst case`;
  return [
    ...curves,
    {
      runs,
      choices: { kind: 'heatmap', y: quantity },
      caption: `${what}${seeds > 1 ? `; mean over ${counted(seeds, 'seed')}` : ''}.`,
      alt: `${what}: a grid of ${series.length} rows for ${panels.length} attacks. The tables below have the numbers.`,
    },
  ];
}

function arrangementOf(runs: readonly StudyRun[]) {
  const panel = chooseFacet(runs, undefined);
  return arrange(runs, { panel, colour: chooseColour(runs, panel === undefined ? [] : [panel]) });
}

/** As many lines as an eye can follow in one panel. */
const mostLines = 8;

interface Part {
  runs: readonly StudyRun[];
  /** What sets it apart. */
  titles: string[];
}

/** Runs whose curves go into one figure. Too many lines are parted by whatever axis leaves few enough in fewest figures. */
function parts(runs: readonly StudyRun[], titles: string[] = []): Part[] {
  const lines = arrangementOf(runs).series.length;
  if (lines <= mostLines) return [{ runs, titles }];
  const panel = chooseFacet(runs, undefined);
  const candidates = tellingApart(runs, panel === undefined ? [] : [panel], axisPaths(runs))
    .filter((path) => path !== axis.hash && path !== panel)
    .map((path) => {
      const groups = groupBy(runs, ({ axes }) => axes.get(path));
      const most = Math.max(...[...groups.values()].map((group) => arrangementOf(group).series.length));
      return { path, groups, most };
    })
    .filter(({ most }) => most < lines)
    .sort(
      (a, b) => Math.max(a.most, mostLines) - Math.max(b.most, mostLines) || a.groups.size - b.groups.size,
    );
  const [chosen] = candidates;
  if (!chosen) return [{ runs, titles }];
  return [...chosen.groups].flatMap(([value, group]) =>
    parts(group, [...titles, valueLabel(chosen.path, value)]),
  );
}
