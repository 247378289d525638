import { axis, axisValues } from '../../config/axes.js';
import type { Column } from '../../simulation/columns.js';
import type { StudyRun } from '../../study/study-run.js';
import { capitalised, columnTitle, type Labels } from '../../study/labels.js';
import { chooseColour, chooseFacet } from '../choices.js';
import { arrange, type Arrangement, type Series } from '../series.js';
import {
  describeNever,
  summarizeCells,
  summarizeQuantity,
  worstCells,
  type SummaryCell,
} from '../summary.js';
import type { Quantity } from '../../thresholds/quantity.js';
import { counted, html, scrolling, type Markup } from './markup.js';

/** A column of a table of results; the quantity says how its numbers are written and which are the best. */
interface ResultColumn {
  title: string;
  quantity: Column;
  cells: readonly SummaryCell[];
}

/**
 * Tables of a quantity, a row for each series: its final and its best values under each attack, or in one table where
 * the attack is always the same.
 */
export function resultTables(runs: readonly StudyRun[], quantity: Column, labels: Labels): Markup[] {
  const panel = chooseFacet(runs, undefined);
  const colour = chooseColour(runs, panel === undefined ? [] : [panel]);
  const arrangement = arrange(runs, { panel, colour }, labels);
  const final = summarizeQuantity(runs, arrangement, { row: 'final', column: quantity.name });
  const best = summarizeCells(runs, arrangement, (run) => bestValue(run, quantity));
  const table = (what: string, columns: ResultColumn[]) => resultTable(runs, arrangement, what, columns);
  const name = columnTitle(quantity);
  if (panel !== undefined) {
    return [
      table(`Final ${name}`, againstAttacks(runs, arrangement, quantity, final)),
      table(`Best ${name} of a run`, againstAttacks(runs, arrangement, quantity, best)),
    ];
  }
  const columns = [
    { title: `final ${name}`, quantity, cells: final },
    { title: `best ${name}`, quantity, cells: best },
  ];
  const loss = labels.column('test_loss');
  if (quantity.name !== loss.name) {
    const cells = summarizeQuantity(runs, arrangement, { row: 'final', column: loss.name });
    columns.push({ title: `final ${columnTitle(loss)}`, quantity: loss, cells });
  }
  return [table('Final and best values', columns)];
}

/** A table of when the runs first reached a target, a row for each series. */
export function targetTable(runs: readonly StudyRun[], target: Quantity, labels: Labels): Markup {
  const panel = chooseFacet(runs, undefined);
  const colour = chooseColour(runs, panel === undefined ? [] : [panel]);
  const arrangement = arrange(runs, { panel, colour }, labels);
  const quantity = labels.quantity(target);
  const cells = summarizeQuantity(runs, arrangement, target);
  const name = capitalised(columnTitle(quantity));
  return resultTable(
    runs,
    arrangement,
    name,
    panel === undefined
      ? [{ title: columnTitle(quantity), quantity, cells }]
      : againstAttacks(runs, arrangement, quantity, cells),
  );
}

/** A column for each attack, and the worst case over them. */
function againstAttacks(
  runs: readonly StudyRun[],
  { panels, series }: Arrangement,
  quantity: Column,
  cells: readonly SummaryCell[],
): ResultColumn[] {
  const attacks = axisValues(runs, axis.attack).map(String);
  const columns = panels.map((title) => ({
    title,
    quantity,
    cells: cells.filter(({ panel }) => panel === title),
  }));
  return [...columns, { title: 'worst case', quantity, cells: worstCells(cells, series, attacks, quantity) }];
}

function bestValue({ rows }: StudyRun, quantity: Column): number | undefined {
  const values = rows
    .map((row) => row[quantity.name])
    .filter((value) => value !== undefined && Number.isFinite(value));
  if (values.length === 0) return undefined;
  return bestOf(quantity, values as number[]);
}

function bestOf(quantity: Column, values: readonly number[]): number {
  return quantity.better === 'smaller' ? Math.min(...values) : Math.max(...values);
}

function resultTable(
  runs: readonly StudyRun[],
  { series, panelOf, seriesOf }: Arrangement,
  what: string,
  columns: readonly ResultColumn[],
): Markup {
  const counts = [...new Set(columns.flatMap(({ cells }) => cells.map(({ seeds }) => seeds)))];
  const early = runs.filter(({ summary }) => summary.status !== 'done');
  const earlyIn = ({ panel, series }: SummaryCell) =>
    early.filter((run) => panelOf(run) === panel && seriesOf(run) === series).length;
  const bests = columns.map(bestNumber);
  const cellOf = (column: ResultColumn, best: string | undefined, row: Series) => {
    const cell = column.cells.find((candidate) => candidate.series === row);
    if (!cell) return html`<td class="number">–</td>`;
    if (cell.never !== undefined) return html`<td class="number">${describeNever(cell)}</td>`;
    const mean = meanOf(column.quantity, cell);
    return html`<td class="number">
      ${mean === best ? html`<b>${mean}</b>` : mean}${deviationOf(column.quantity, cell)}${
        earlyIn(cell) > 0 && html`<sup>†</sup>`
      }${counts.length > 1 && html` <small>n = ${cell.seeds}</small>`}
    </td>`;
  };
  const rows = series.map(
    (row) =>
      html`<tr>
        <th scope="row">${row.label}</th>
        ${columns.map((column, k) => cellOf(column, bests[k], row))}
      </tr> `,
  );
  const explanation = [
    counts.length === 1 && counts[0] === 1 ? 'one seed' : `mean ± sample deviation over ${over(counts)}`,
    series.length > 1 && 'best of each column in bold',
    early.length > 0 && '† with a run that ended early',
  ];
  return scrolling(
    what,
    html`<table>
      <caption>
        ${what}<small>${explanation.filter(Boolean).join('; ')}</small>
      </caption>
      <thead>
        <tr>
          <th scope="col">${heading(series)}</th>
          ${columns.map(
            ({ title }) =>
              html`<th scope="col" class="number">
                ${title.split(', ').map((line) => html`<span>${line}</span>`)}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}

function heading(series: readonly Series[]): string {
  return series.length > 1 ? 'experiment' : '';
}

function over(counts: readonly number[]): string {
  return counts.length === 1 ? counted(counts[0], 'seed') : 'n seeds';
}

/** As it is written, so that what reads the same is equally good; nothing to compare with leaves none. */
function bestNumber({ quantity, cells }: ResultColumn): string | undefined {
  if (cells.length < 2) return undefined;
  const best = bestOf(
    quantity,
    cells.map(({ mean }) => mean),
  );
  return written(quantity, best, 4);
}

function meanOf(quantity: Column, { mean }: SummaryCell): string {
  return written(quantity, mean, 4);
}

function deviationOf(quantity: Column, { deviation }: SummaryCell): Markup | undefined {
  return deviation === undefined
    ? undefined
    : html`<span class="deviation"> ± ${written(quantity, deviation, 2)}</span>`;
}

/** Fractions in percent with two decimals; other quantities to some significant digits. */
function written(quantity: Column, value: number, digits: number): string {
  return quantity.fraction ? (100 * value).toFixed(2) : String(Number(value.toPrecision(digits)));
}
