import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFigure } from '../../src/report/figure.js';
import { renderSvg } from '../../src/report/render.js';
import { readStudy } from '../../src/study/study.js';
import { labels } from '../support/labels.js';

const studies = readdirSync('results/paper')
  .map((name) => join('results/paper', name))
  .filter((folder) => existsSync(join(folder, 'figure.svg')));

describe.each(studies)('%s', (folder) => {
  test('figure.svg and its numbers are what byzsim plot draws', async () => {
    const { spec, summary } = describeFigure(readStudy([folder]).runs, {}, labels);
    expect(summary).toBe(readFileSync(join(folder, 'figure.summary.csv'), 'utf8'));
    const drawn = await renderSvg(spec);
    const isSame = drawn === readFileSync(join(folder, 'figure.svg'), 'utf8');
    expect(isSame, `byzsim plot ${folder} -o ${folder}/figure.svg draws it again`).toBe(true);
  });

  test('report.html shows numbers alone', () => {
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    const images = [...html.matchAll(/data:image\/svg\+xml;base64,([^"]*)/g)].map(([, data]) =>
      Buffer.from(data, 'base64').toString(),
    );
    expect(images.length).toBeGreaterThan(1);
    for (const text of [html.replace(/base64,[^"]*/g, ''), ...images])
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});
