import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';
import { temporaryFolder, writeRun } from '../support/study.js';

/** Two rules, two seeds. */
function study(): string {
  const folder = join(temporaryFolder(), 'results', 'small');
  for (const rule of ['krum', 'mean'])
    for (const seed of [1, 2]) writeRun(join(folder, rule, `seed-${seed}`), { rule, seed });
  return folder;
}

describe('byzsim report', () => {
  test('writes one page beside the results, under the name of the study', async () => {
    const folder = study();
    const { status, stdout, stderr } = await byzsim(['report', folder]);
    const file = join(folder, 'report.html');
    expect([status, stdout, stderr]).toEqual([0, `${file}\n`, '']);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('<h1>test</h1>');
    expect(html).toContain('<title>test</title>');
    expect(html.match(/<img/g)).toHaveLength(2);
  });

  test('takes several paths, a file and a title; notes go to standard error and into the page', async () => {
    const folder = study();
    const unfinished = join(folder, 'mean', 'seed-3');
    writeRun(unfinished, { rule: 'mean', seed: 3, finished: false });
    const file = join(folder, 'pages', 'a.html');
    const paths = ['krum', 'mean'].map((name) => join(folder, name));
    const { status, stdout, stderr } = await byzsim([
      'report',
      ...paths,
      '-o',
      file,
      '--title',
      'Krum & mean',
    ]);
    expect([status, stdout]).toEqual([0, `${file}\n`]);
    expect(stderr).toBe(`byzsim: left out ${unfinished}: not finished\n`);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('<h1>Krum &#38; mean</h1>');
    expect(html).toContain(`<li>left out ${unfinished}: not finished</li>`);
  });

  test('damaged runs are left out, and it says so', async () => {
    const folder = study();
    const damaged = join(folder, 'krum', 'seed-2');
    writeFileSync(join(damaged, 'summary.json'), '');
    const { status, stderr } = await byzsim(['report', folder]);
    const note = `left out ${damaged}: summary.json: it is empty; byzsim run and byzsim sweep run it again`;
    expect([status, stderr]).toEqual([0, `byzsim: ${note}\n`]);
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(html).toContain(`<li>${note}</li>`);
    expect(html).toContain('lacks seed 2');
  });
});

test('thresholds that one seed cannot tell are not missed: the page says why', async () => {
  const folder = temporaryFolder();
  const thresholds = { 'final.test_accuracy': ['mean >= 0.8', 'std <= 0.1'] };
  writeRun(join(folder, 'seed-1'), { thresholds });
  expect((await byzsim(['report', folder])).status).toBe(0);
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(html).toContain('0 of 2 missed; 1 cannot be checked.');
  expect(html).toContain('has one seed, and a deviation takes two: run more seeds');
  expect(html).not.toContain('✗');
});

describe('mistakes', () => {
  test('a folder of another layout is refused', async () => {
    const folder = study();
    const old = join(folder, 'krum', 'seed-1');
    const meta = join(old, 'meta.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"schema": 1', '"schema": 7'));
    const { status, stderr } = await byzsim(['report', folder]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `byzsim: ${old} was written in layout 7, this byzsim reads 1: ` +
        'leave it out, or run its config again into another folder\n',
    );
    expect(existsSync(join(folder, 'report.html'))).toBe(false);
  });

  test.each([
    [['nowhere'], 'missing results: nowhere'],
    [['.', '-o', 'report.pdf'], 'unknown format: .pdf; a report is an .html'],
  ])('%j: one sentence, status 2', async (args, message) => {
    const { status, stdout, stderr } = await byzsim(['report', ...args], { cwd: study() });
    expect([status, stdout, stderr]).toEqual([2, '', `byzsim: ${message}\n`]);
  });
});
