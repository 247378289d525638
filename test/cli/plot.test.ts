import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, writeRun } from '../support/study.js';
import { byzsim } from '../support/cli.js';

/** Two rules, two attacks, two seeds. */
function study(): string {
  const folder = join(temporaryFolder(), 'results', 'small');
  for (const rule of ['krum', 'mean']) {
    for (const attack of ['empire', 'little']) {
      for (const seed of [1, 2]) {
        const accuracies = [0.25, 0.5, rule === 'mean' ? 0.5 : 0.25 * (2 + seed)];
        writeRun(join(folder, `${rule}-${attack}`, `seed-${seed}`), { rule, attack, seed, accuracies });
      }
    }
  }
  return folder;
}

describe('byzsim plot', () => {
  test('draws only the runs that are asked for', async () => {
    const folder = study();
    const figure = join(folder, 'krum.svg');
    const where = ['--where', 'rule=krum', '--where', 'attack=little'];
    const { status } = await byzsim(['plot', folder, 'kind=heatmap', ...where, '-o', figure]);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'krum.summary.csv'), 'utf8').trimEnd().split('\n').slice(1)).toEqual([
      `little,Krum,0.875,${Math.sqrt(2 * 0.125 ** 2)},2,little`,
    ]);
    expect(await byzsim(['plot', folder, '--where', 'rule=krumm', '-o', figure])).toMatchObject({
      status: 2,
      stderr: 'byzsim: missing runs: no run has aggregator.rule = krumm (did you mean krum?)\n',
    });
  });

  test('draws a figure and writes its numbers beside it', async () => {
    const folder = study();
    const figure = join(folder, 'figures', 'small.svg');
    const { status, stdout, stderr } = await byzsim(['plot', folder, '-o', figure]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const summary = join(folder, 'figures', 'small.summary.csv');
    expect(stdout).toBe(`${figure}\n${summary}\n`);
    const svg = readFileSync(figure, 'utf8');
    for (const text of ['empire', 'little', 'Krum', 'mean', 'updates', 'test accuracy (%)']) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(readFileSync(summary, 'utf8').split('\n').slice(0, 5)).toEqual([
      'facet,series,update,test_accuracy_mean,test_accuracy_deviation,seeds',
      'empire,Krum,10,0.25,0,2',
      'empire,Krum,20,0.5,0,2',
      `empire,Krum,30,0.875,${Math.sqrt(2 * 0.125 ** 2)},2`,
      'empire,mean,10,0.25,0,2',
    ]);
  });

  test('takes choices among the paths, and writes PNG', async () => {
    const folder = study();
    const figure = join(folder, 'heat.PNG');
    const paths = ['krum-empire', 'krum-little'].map((name) => join(folder, name));
    const { status, stderr } = await byzsim([
      'plot',
      paths[0],
      'kind=heatmap',
      paths[1],
      'y=test_loss',
      '-o',
      figure,
    ]);
    expect([status, stderr]).toEqual([0, '']);
    expect(readFileSync(figure).subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    expect(readFileSync(join(folder, 'heat.summary.csv'), 'utf8')).toContain('worst case,Krum,1.125,');
  });

  test('writes PDF', async () => {
    const folder = study();
    const figure = join(folder, 'small.pdf');
    const { status, stdout, stderr } = await byzsim(['plot', folder, '-o', figure]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${figure}\n${join(folder, 'small.summary.csv')}\n`);
    expect(readFileSync(figure, 'latin1')).toMatch(/^%PDF-/);
  });

  test('says when the y axis begins above a steep start, and takes another', async () => {
    const folder = join(temporaryFolder(), 'steep');
    const accuracies = [0.1, 0.6, 0.9, 0.96, 0.97, 0.98, 0.98, 0.98, 0.98];
    writeRun(join(folder, 'seed-1'), { accuracies });
    const figure = join(folder, 'a.svg');
    const { status, stderr } = await byzsim(['plot', folder, '-o', figure]);
    expect(status).toBe(0);
    expect(stderr).toBe(
      'byzsim: 2 of 9 points or their bands lie below the y axis; byzsim plot shows them with ymin=0\n',
    );
    const whole = await byzsim(['plot', folder, 'ymin=0', 'ymax=100', '-o', figure]);
    expect([whole.status, whole.stderr]).toEqual([0, '']);
    expect(readFileSync(figure, 'utf8')).toContain('Vertical axis: test accuracy (%), marked from 0 to 100.');
  });

  test('unfinished runs are left out with a note', async () => {
    const folder = study();
    const unfinished = join(folder, 'krum-empire', 'seed-3');
    writeRun(unfinished, { rule: 'krum', attack: 'empire', seed: 3, finished: false });
    const { status, stderr } = await byzsim(['plot', folder, '-o', join(folder, 'a.svg')]);
    expect([status, stderr]).toEqual([0, `byzsim: left out ${unfinished}: not finished\n`]);
  });

  test('damaged runs are left out with a note', async () => {
    const folder = study();
    const damaged = join(folder, 'krum-empire', 'seed-2');
    rmSync(join(damaged, 'metrics.csv'));
    const { status, stderr } = await byzsim(['plot', folder, '-o', join(folder, 'a.svg')]);
    const note = `left out ${damaged}: metrics.csv is missing; byzsim run and byzsim sweep run it again`;
    expect([status, stderr]).toEqual([0, `byzsim: ${note}\n`]);
    expect(readFileSync(join(folder, 'a.summary.csv'), 'utf8')).toContain('empire,Krum,10,0.25,,1\n');
  });

  test('runs that byzsim itself made can be plotted', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n');
    writeFileSync(
      join(folder, 'tiny.yaml'),
      `dataset: {points: points.csv}\nworkers: 3\naggregator: cwmed\noptimizer: sgd\nupdates: 4\nevaluate: {every: 2}\n`,
    );
    const out = join(folder, 'out');
    const made = await byzsim([
      'run',
      join(folder, 'tiny.yaml'),
      '--backend',
      'cpu',
      '--threads',
      '1',
      '--out',
      out,
    ]);
    expect(made.status).toBe(0);
    const { status, stderr } = await byzsim(['plot', out, '-o', join(folder, 'tiny.svg')]);
    expect([status, stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'tiny.svg'), 'utf8')).toContain('>test loss</text>');
  });
});

describe('mistakes', () => {
  test.each([
    [['-o', 'a.eps'], 'unknown format: .eps; choose from .svg, .png, .pdf'],
    [['-o', 'figure'], 'unknown format: figure; choose from .svg, .png, .pdf'],
    [
      ['-o', 'a.svg', 'color=rule', 'hue=rule'],
      'unknown choice: hue; choose from kind, x, y, colour, facet, ymin, ymax, sharey',
    ],
    [['-o', 'a.svg', 'y=test_los'], 'unknown column: test_los (did you mean test_loss?)'],
    [['-o', 'a.svg', 'ymin=90', 'ymax=80'], 'invalid ymin: 90 (expected less than ymax, 80)'],
    [['-o', 'a.svg', 'ymax='], 'invalid ymax: nothing (expected a number)'],
    [['-o', 'a.svg', 'nowhere'], 'missing results: nowhere'],
  ])('%j: one sentence, status 2, nothing written', async (args, message) => {
    const folder = study();
    const before = readdirSync(folder);
    const { status, stderr } = await byzsim(['plot', '.', ...args], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr.startsWith(`byzsim: ${message}`), stderr).toBe(true);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('a folder of another layout', async () => {
    const folder = study();
    const old = join(folder, 'krum-empire', 'seed-1');
    const meta = join(old, 'meta.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"schema": 1', '"schema": 0'));
    const figure = join(folder, 'a.svg');
    const { status, stderr } = await byzsim(['plot', folder, '-o', figure]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `byzsim: ${old} was written in layout 0, this byzsim reads 1: ` +
        'leave it out, or run its config again into another folder\n',
    );
    expect(existsSync(figure)).toBe(false);
  });

  test('a folder without runs, and no path at all', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    const figure = join(folder, 'a.svg');
    const empty = await byzsim(['plot', join(folder, 'empty'), '-o', figure]);
    expect(empty.status).toBe(2);
    expect(empty.stderr).toContain('byzsim: missing runs: no finished run in');
    const none = await byzsim(['plot', 'x=time', '-o', figure]);
    expect(none.stderr).toContain('byzsim: missing paths');
    expect(existsSync(figure)).toBe(false);
  });
});
