import type { Column } from '../simulation/columns.js';
import type { Labels } from '../study/labels.js';
import type { Study } from '../study/study.js';
import type { Quantity } from '../thresholds/quantity.js';
import { configs } from './html/configs.js';
import { figureList, type ReportFigure } from './html/figures.js';
import { gaps } from './html/gaps.js';
import { html, Markup, section } from './html/markup.js';
import { commands, provenance } from './html/provenance.js';
import { resultTables, targetTable } from './html/results.js';
import { statement } from './html/statement.js';
import { style } from './html/style.js';
import { thresholdList, type ThresholdLine } from './html/thresholds.js';

export interface Report {
  title: string;
  study: Study;
  figures: readonly ReportFigure[];
  labels: Labels;
  /** What tables are about; absent where no run has a number of use. */
  quantity?: Column;
  /** What the runs were to reach: a table of when they did for each. */
  targets?: readonly Quantity[];
  thresholds?: readonly ThresholdLine[];
}

/** Nothing runs and nothing is fetched: a browser is told to see to it. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** A report as one HTML file that needs nothing else. Equal reports give equal bytes. */
export function reportHtml({
  title,
  study,
  figures,
  labels,
  quantity,
  targets = [],
  thresholds = [],
}: Report): string {
  const { runs } = study;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${statement(runs, labels)}${figureList(figures)}${
            quantity !== undefined &&
            section('Results', [
              ...resultTables(runs, quantity, labels),
              ...targets.map((target) => targetTable(runs, target, labels)),
            ])
          }${thresholdList(thresholds)}${gaps(study)}${configs(runs)}${provenance(runs)}${commands(runs)}
        </main>
      </body>
    </html> `;
  return page.toString();
}
