import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Mapping } from '../../src/base/mapping.js';
import { draw } from '../../src/cli/plot.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { readFigures, type StudyFigure } from '../../src/sweep/figures.js';
import { columns } from '../support/labels.js';

const studies = readdirSync('results/paper')
  .map((name) => join('results/paper', name))
  .filter((folder) => existsSync(join(folder, 'figure.svg')));

const temporary = mkdtempSync(join(tmpdir(), 'byzsim-paper-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** The figures that its sweep asks for. */
function figuresOf(folder: string): StudyFigure[] {
  const sweep = parse(readFileSync(join('configs/paper', `${basename(folder)}.yaml`), 'utf8')) as Mapping;
  const { figures, issues } = readFigures(sweep, columns);
  expect(issues).toEqual([]);
  return figures;
}

describe.each(studies)('%s', (folder) => {
  test('its figures and their numbers are what byzsim plot draws', async () => {
    for (const { name, ...figure } of figuresOf(folder)) {
      const drawn = join(temporary, `${basename(folder)}-${name}.svg`);
      await draw([folder], drawn, figure, builtins);
      for (const end of ['svg', 'summary.csv']) {
        const kept = join(folder, `${name}.${end}`);
        const isSame = readFileSync(drawn.replace(/svg$/, end), 'utf8') === readFileSync(kept, 'utf8');
        expect(isSame, `${kept} is what byzsim reproduce draws now`).toBe(true);
      }
    }
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
