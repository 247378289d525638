import type { Study } from '../results/study.js';
import { configs } from './html/configs.js';
import { figureList, type ReportFigure } from './html/figures.js';
import { gaps } from './html/gaps.js';
import { html, Markup, section } from './html/markup.js';
import { commands, provenance } from './html/provenance.js';
import { resultTables } from './html/results.js';
import { statement } from './html/statement.js';
import { style } from './html/style.js';
import { thresholdList, type Threshold } from './html/thresholds.js';

export interface Report {
  title: string;
  study: Study;
  figures: readonly ReportFigure[];
  /** What tables are about, a column of metrics.csv; absent where no run has a number of use. */
  quantity?: string;
  thresholds?: readonly Threshold[];
}

/** Nothing runs and nothing is fetched: a browser is told to see to it. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** A report as one HTML file that needs nothing else. Equal reports give equal bytes. */
export function reportHtml({ title, study, figures, quantity, thresholds = [] }: Report): string {
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
          ${statement(runs)}${figureList(figures)}${
            quantity !== undefined && section('Results', resultTables(runs, quantity))
          }${thresholdList(thresholds)}${gaps(study)}${configs(runs)}${provenance(runs)}${commands(runs)}
        </main>
      </body>
    </html> `;
  return page.toString();
}
