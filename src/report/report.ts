import type { Column } from '../simulation/columns.js';
import type { Study } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { axis, axisPaths, axisValues } from '../config/axes.js';
import { describeFigure } from './figure.js';
import { chooseColour, chooseFacet, resultColumn, type FigureChoices } from './choices.js';
import { reportHtml } from './html.js';
import { counted, listed } from './html/markup.js';
import type { ReportFigure } from './html/figures.js';
import type { ThresholdLine } from './html/thresholds.js';
import { capitalised, columnTitle, type Labels } from '../study/labels.js';
import type { Quantity } from '../thresholds/quantity.js';
import { renderSvg } from './render.js';
import { arrange, inFixedOrder } from './series.js';
import { groupBy, tellingApart } from '../study/grouping.js';

export interface ReportOptions {
  /** Default: the names of the experiments. */
  title?: string;
  thresholds?: readonly ThresholdLine[];
  /** What the runs were to reach. */
  targets?: readonly Quantity[];
  labels: Labels;
}

/** A report on a study of at least one run: its figures, tables, configs and origin in one HTML file. */
export async function createReport(
  found: Study,
  { title = studyName(found.runs), thresholds, targets, labels }: ReportOptions,
): Promise<string> {
  const study = { ...found, runs: inFixedOrder(found.runs) };
  const result = resultColumn(study.runs);
  const quantity = result === undefined ? undefined : labels.column(result);
  const figures: ReportFigure[] = [];
  const planned = quantity === undefined ? [] : plannedFigures(study.runs, quantity, labels);
  for (const { runs, choices, ...texts } of [...planned, ...shardsFigure(study.runs)]) {
    const { spec, notes } = describeFigure(runs, choices, labels);
    const caption = [texts.caption, ...notes.map((note) => `${capitalised(note)}.`)].join(' ');
    figures.push({ svg: await renderSvg(spec), ...texts, caption });
  }
  return reportHtml({ title, study, figures, labels, quantity, targets, thresholds });
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
function plannedFigures(runs: readonly StudyRun[], quantity: Column, labels: Labels): PlannedFigure[] {
  const counts = [...groupBy(runs, ({ hash }) => hash).values()].map((group) => group.length);
  const [least, seeds] = [Math.min(...counts), Math.max(...counts)];
  const mean = seeds > 1 ? `; mean over ${least < seeds ? `${least} to ` : ''}${counted(seeds, 'seed')}` : '';
  const spread = mean && `${mean}, the band is one deviation to either side`;
  const curves = parts(runs, labels).flatMap((part) =>
    [...new Set([quantity.name, 'test_loss'])]
      .filter((y) => part.runs.some(({ rows }) => rows.some((row) => Number.isFinite(row[y]))))
      .map((y) => {
        const what = `${[capitalised(columnTitle(labels.column(y))), ...part.titles].join(', ')}`;
        const { panels, series } = arrangementOf(part.runs, labels);
        const lines = listed(series.map(({ label }) => label).filter(Boolean), 'and');
        const under = panels.length > 1 ? `, in panels for ${listed(panels, 'and')}` : '';
        return {
          runs: part.runs,
          choices: { y },
          caption: `${what}${spread}.`,
          alt: `${what}, against the number of ${labels.steps(part.runs)}${lines && `: lines for ${lines}`}${under}. The tables below have the numbers.`,
        };
      }),
  );
  const { panels, series } = arrangementOf(runs, labels);
  if (axisValues(runs, axis.attack).length < 2 || series.length < 2) return curves;
  const what = `Final ${columnTitle(quantity)} under each attack, and in the worst case`;
  return [
    ...curves,
    {
      runs,
      choices: { kind: 'heatmap', y: quantity.name },
      caption: `${what}${mean}.`,
      alt: `${what}: a grid of ${series.length} rows for ${panels.length} attacks. The tables below have the numbers.`,
    },
  ];
}

/** What each worker has, where data are split. */
function shardsFigure(runs: readonly StudyRun[]): PlannedFigure[] {
  if (runs.every(({ meta }) => meta.shards === undefined)) return [];
  const what = 'Training inputs of each worker by label';
  const choices = { kind: 'shards' };
  return [{ runs, choices, caption: `${what}.`, alt: `${what}, a bar for each. meta.json has the numbers.` }];
}

function arrangementOf(runs: readonly StudyRun[], labels: Labels) {
  const panel = chooseFacet(runs, undefined);
  return arrange(runs, { panel, colour: chooseColour(runs, panel === undefined ? [] : [panel]) }, labels);
}

/** As many lines as an eye can follow in one panel. */
const mostLines = 8;

interface Part {
  runs: readonly StudyRun[];
  /** What sets it apart. */
  titles: string[];
}

/** Runs whose curves go into one figure. Too many lines are parted by whatever axis leaves few enough in fewest figures. */
function parts(runs: readonly StudyRun[], labels: Labels, titles: string[] = []): Part[] {
  const lines = arrangementOf(runs, labels).series.length;
  if (lines <= mostLines) return [{ runs, titles }];
  const panel = chooseFacet(runs, undefined);
  const candidates = tellingApart(runs, panel === undefined ? [] : [panel], axisPaths(runs))
    .filter((path) => path !== axis.hash && path !== panel)
    .map((path) => {
      const groups = groupBy(runs, ({ axes }) => axes.get(path));
      const most = Math.max(
        ...[...groups.values()].map((group) => arrangementOf(group, labels).series.length),
      );
      return { path, groups, most };
    })
    .filter(({ most }) => most < lines)
    .sort(
      (a, b) => Math.max(a.most, mostLines) - Math.max(b.most, mostLines) || a.groups.size - b.groups.size,
    );
  const [chosen] = candidates;
  if (!chosen) return [{ runs, titles }];
  return [...chosen.groups].flatMap(([value, group]) =>
    parts(group, labels, [...titles, labels.value(chosen.path, value)]),
  );
}
