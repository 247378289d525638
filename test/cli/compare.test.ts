import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { byzsim, inProcess } from '../support/cli.js';
import { writeRun, type RunOptions } from '../support/study.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-compare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function study(name: string, accuracies: readonly number[], options: RunOptions = {}): void {
  for (const [k, accuracy] of accuracies.entries())
    writeRun(join(folder, name, `${options.rule ?? 'cwmed'}`, `seed-${k + 1}`), {
      ...options,
      seed: k + 1,
      accuracies: [0.1, accuracy],
    });
}

const compare = (...args: string[]) => inProcess(['compare', 'main', 'branch', ...args], folder);

/** Three rules: one better, one the same, one no more than noise; a fourth in one study only. */
function studies(): void {
  study('main', [0.9, 0.91, 0.92], { rule: 'cwmed' });
  study('branch', [0.95, 0.96, 0.97], { rule: 'cwmed' });
  study('main', [0.9, 0.95], { rule: 'krum' });
  study('branch', [0.9, 0.95], { rule: 'krum' });
  study('main', [0.9, 0.95, 0.97], { rule: 'centered-clipping' });
  study('branch', [0.91, 0.96, 0.97], { rule: 'centered-clipping' });
}

describe('byzsim compare', () => {
  test('each cell, its difference, and whether it is more than noise', async () => {
    studies();
    study('branch', [0.9], { rule: 'mean' });
    const { status, stdout, stderr } = await byzsim(['compare', 'main', 'branch'], { cwd: folder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // CWMed by hand: deviations 1 %, so that the standard error is √(2/3) % and t = 5 / 0.8165 with 4 degrees.
    expect(stdout).toBe(`final test_accuracy in %: mean ± deviation (seeds); B - A ± its standard error
A main
B branch

                 A                 B         B - A       p
CC
  94.00 ± 3.61 (3)  94.67 ± 3.21 (3)  +0.67 ± 2.79    0.82  noise
CWMed
  91.00 ± 1.00 (3)  96.00 ± 1.00 (3)  +5.00 ± 0.82  0.0036  B higher
Krum
  92.50 ± 3.54 (2)  92.50 ± 3.54 (2)   0.00 ± 3.54       1  equal

3 cells: equal in 1, B higher in 1, no more than noise in 1
Higher or lower: Welch's t, p < 0.05 two-sided, each cell on its own.
If nothing differed, 0.1 of 2 such tests would come out so by chance.
only in B: mean (1 seed)
`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('y= chooses the quantity; losses are no percentages', async () => {
    studies();
    const { stdout } = await compare('y=test_loss');
    expect(stdout).toMatch(/^final test_loss: mean/);
    expect(stdout).toMatch(
      /CWMed\n +1.09 ± 0.01 \(3\) +1.04 ± 0.01 \(3\) +-0.05 ± 0.008165 +0.0036 {2}B lower\n/,
    );
    expect((await compare('y=best.test_accuracy')).stdout).toMatch(/^best test_accuracy in %/);
  });

  test('--json and --csv have everything', async () => {
    studies();
    study('branch', [0.9], { rule: 'mean' });
    const json = JSON.parse((await compare('--json')).stdout) as { cells: { label: string }[] };
    expect(json).toMatchObject({
      a: 'main',
      b: 'branch',
      quantity: 'final.test_accuracy',
      test: { level: 0.05, sided: 2, tested: 2 },
      only_a: [],
      only_b: [{ label: 'mean', seeds: [1] }],
    });
    expect(json.cells.find(({ label }) => label === 'CWMed')).toMatchObject({
      a: { values: [0.9, 0.91, 0.92], seeds: [1, 2, 3] },
      difference: expect.closeTo(0.05, 12) as number,
      standard_error: expect.closeTo(Math.sqrt(2 / 3) / 100, 12) as number,
      degrees: expect.closeTo(4, 10) as number,
      change: 'higher',
    });
    const csv = (await compare('--csv')).stdout.trimEnd().split('\n');
    expect(csv[0]).toBe(
      'cell,quantity,hash_a,hash_b,seeds_a,mean_a,deviation_a,seeds_b,mean_b,deviation_b,' +
        'difference,standard_error,t,degrees,p,change',
    );
    expect(csv).toHaveLength(5);
    expect(csv.map((line) => line.split(',').at(-1))).toEqual([
      'change',
      'noise',
      'higher',
      'equal',
      'only in B',
    ]);
  });

  test('--fail-on-difference: 1 for more than noise, 2 for what cannot be compared', async () => {
    study('main', [0.9, 0.95, 0.97]);
    study('branch', [0.91, 0.96, 0.97]);
    expect((await compare('--fail-on-difference')).status).toBe(0);
    study('branch', [0.1, 0.11, 0.12]);
    expect((await compare('--fail-on-difference')).status).toBe(1);
    expect((await compare()).status).toBe(0);
    study('branch', [0.9], { rule: 'mean' });
    expect((await compare('--fail-on-difference')).status).toBe(2);
  });

  test('--within: no more than noise is not enough, and a small difference is none', async () => {
    study('main', [0.9, 0.95, 0.97], { rule: 'krum' });
    study('branch', [0.91, 0.96, 0.97], { rule: 'krum' });
    const noisy = await compare('--within', '0.005', '--fail-on-difference');
    expect(noisy.status).toBe(1);
    expect(noisy.stdout).toContain('1 cell: no more than noise in 1\n');

    study('main', [0.95, 0.951, 0.952], { rule: 'krum' });
    study('branch', [0.953, 0.954, 0.955], { rule: 'krum' });
    expect((await compare('--fail-on-difference')).status).toBe(1);
    const { status, stdout } = await compare('--within', '0.005', '--fail-on-difference');
    expect(status).toBe(0);
    expect(stdout).toMatch(/0.021 {2}alike\n/);
    expect(stdout).toContain(
      "Alike: they differ by less than 0.50, Welch's t, p < 0.05 one-sided either way.\n",
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await compare('--within', '0.005', '--csv')).stdout).toMatch(/,p,p_within,change\n.*,alike\n/);
    expect(await compare('--within', '5')).toMatchObject({
      status: 2,
      stderr: 'byzsim: invalid --within: 5 (test_accuracy is a fraction: 0.01 is 1 %)\n',
    });
    expect(JSON.parse((await compare('--within', '0.005', '--json')).stdout)).toMatchObject({
      test: { within: 0.005 },
      cells: [{ change: 'alike', p_within: expect.closeTo(0.035, 3) as number }],
    });
  });

  test('a damaged run is left out with a sentence, and is no success with --fail-on-difference', async () => {
    study('main', [0.9, 0.95, 0.97]);
    study('branch', [0.9, 0.95, 0.97]);
    const path = join('branch', 'cwmed', 'seed-2');
    const summary = join(folder, path, 'summary.json');
    writeFileSync(
      summary,
      readFileSync(summary, 'utf8').replace('"test_accuracy": 0.95', '"test_accuracy": 0.5'),
    );
    const { status, stdout, stderr } = await compare();
    expect(status).toBe(0);
    expect(stdout).toContain(' (2) ');
    expect(stderr).toBe(
      `byzsim: left out ${path}: the last row of metrics.csv is not the final one of summary.json; ` +
        'byzsim run and byzsim sweep run it again\n',
    );
    expect((await compare('--fail-on-difference')).status).toBe(2);
    rmSync(summary);
    expect((await compare('--fail-on-difference')).status).toBe(2);
  });

  test('studies on different data: a sentence', async () => {
    for (const name of ['main', 'branch']) {
      study(name, [0.9, 0.95]);
      for (const seed of [1, 2]) {
        const meta = join(folder, name, 'cwmed', `seed-${seed}`, 'meta.json');
        const content = JSON.parse(readFileSync(meta, 'utf8')) as object;
        writeFileSync(meta, JSON.stringify({ ...content, dataset_sha256: { 'test_batch.bin': name } }));
      }
    }
    const { status, stderr } = await compare();
    expect(status).toBe(0);
    expect(stderr).toBe('byzsim: A and B were computed on different data (test_batch.bin)\n');
  });

  test('mistakes in usage', async () => {
    study('main', [0.9]);
    for (const [args, message] of [
      [['main'], "error: missing required argument 'b'"],
      [['main', 'nowhere'], 'byzsim: missing results: nowhere'],
      [['main', 'main', '--within', '0'], "argument '0' is invalid. It must be a number above 0."],
      [['main', 'main', 'x=update'], 'byzsim: unknown choice: x=update'],
      [['main', 'main', 'y=accuracy'], 'byzsim: unknown y: accuracy'],
    ] as const) {
      const { status, stderr } = await inProcess(['compare', ...args], folder);
      expect(stderr).toContain(message);
      expect(status).toBe(2);
    }
  });
});
