import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { byzsim, inProcess } from '../support/cli.js';
import { writeRun, type RunOptions } from '../support/study.js';
import { parseXml } from '../support/xml.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-check-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs of seeds 1, 2, ... that end at these accuracies, in a folder `name`, with thresholds in their configs. */
function study(name: string, accuracies: readonly number[], options: RunOptions = {}, thresholds = ''): void {
  for (const [k, accuracy] of accuracies.entries()) {
    const path = join(folder, 'study', name, `seed-${k + 1}`);
    writeRun(path, { ...options, seed: k + 1, accuracies: [0.1, accuracy] });
    appendFileSync(join(path, 'config.yaml'), thresholds);
  }
}

const check = (...args: string[]) => inProcess(['check', ...args], folder);
/** The same by the built binary. */
const checkForReal = (...args: string[]) => byzsim(['check', ...args], { cwd: folder });

describe('byzsim check PATH', () => {
  const thresholds = "thresholds: { final.test_accuracy: ['mean >= 0.93', 'std <= 0.01'] }\n";

  test('thresholds met: a line each, status 0', async () => {
    study('a', [0.96, 0.95], {}, thresholds);
    expect(await checkForReal('study')).toMatchObject({
      status: 0,
      stderr: '',
      stdout:
        '✓ final.test_accuracy mean >= 0.93: 0.955, margin 0.025 (test; 2 seeds; 1 cell)\n' +
        '✓ final.test_accuracy std <= 0.01: 0.007071, margin 0.002929 (test; 2 seeds; 1 cell)\n' +
        '2 of 2 thresholds met\n',
    });
  });

  test('one missed: status 1, every cell that misses it is named', async () => {
    study('a', [0.96, 0.95], { rule: 'krum' }, thresholds);
    study('b', [0.92, 0.91], { rule: 'cwmed' }, thresholds);
    study('c', [0.901, 0.889], { rule: 'mean' }, thresholds);
    const { status, stdout } = await checkForReal('study');
    expect(status).toBe(1);
    expect(stdout).toBe(
      '✗ final.test_accuracy mean >= 0.93: 0.895, margin -0.035 (mean; 2 seeds; worst of 3 cells)\n' +
        '    0.915, margin -0.015 (CWMed; 2 seeds)\n' +
        '✓ final.test_accuracy std <= 0.01: 0.008485, margin 0.001515 (mean; 2 seeds; worst of 3 cells)\n' +
        '1 of 2 thresholds met\n',
    );
  });

  test('a verdict names its test', async () => {
    const claim =
      'thresholds: [{ where: { weighted: true }, against: { weighted: false }, final.test_accuracy: [better] }]\n';
    study('w', [0.97, 0.98, 0.99], { weighted: true }, claim);
    study('u', [0.9, 0.93, 0.94], { weighted: false }, claim);
    const { status, stdout } = await check('study');
    expect(status).toBe(0);
    expect(stdout).toBe(
      'where weighted = true against weighted = false\n' +
        '✓ final.test_accuracy better: difference 0.05667 ± 0.01333, p = 0.026 (ω-CWMed; 3 seeds; 1 cell)\n' +
        "1 of 1 thresholds met; better and worse by Welch's t, 5 % two-sided, each cell on its own\n",
    );
  });

  test('by how much is told one-sided, in the line, in JSON and at the end', async () => {
    study('w', [0.97, 0.98, 0.99], { weighted: true });
    study('u', [0.9, 0.93, 0.94], { weighted: false });
    const tests = 'final.test_accuracy: [better by 0.01, better]';
    const args = ['study', '--threshold', tests, '--where', 'weighted=true', '--against', 'weighted=false'];
    const { status, stdout } = await check(...args);
    expect(status).toBe(0);
    expect(stdout).toBe(
      'where weighted = true against weighted = false\n' +
        '✓ final.test_accuracy better by 0.01: difference 0.05667 ± 0.01333, one-sided p = 0.021 (ω-CWMed; 3 seeds; 1 cell)\n' +
        '✓ final.test_accuracy better: difference 0.05667 ± 0.01333, p = 0.026 (ω-CWMed; 3 seeds; 1 cell)\n' +
        "2 of 2 thresholds met; better and worse by Welch's t, 5 % two-sided, one-sided with a number, each cell on its own\n",
    );
    const json = JSON.parse((await check(...args, '--json')).stdout) as { thresholds: unknown };
    expect(json.thresholds).toMatchObject([
      { test: 'better by 0.01', cells: [{ met: true, p: expect.closeTo(0.021, 3) as number, sided: 1 }] },
      { test: 'better', cells: [{ met: true, p: expect.closeTo(0.026, 3) as number, sided: 2 }] },
    ]);
  });

  test('--json has every cell', async () => {
    study('a', [0.96, 0.95], { rule: 'krum' }, thresholds);
    study('b', [0.92, 0.91], { rule: 'cwmed' }, thresholds);
    const { status, stdout } = await check('study', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      met: false,
      thresholds: [
        {
          quantity: 'final.test_accuracy',
          test: 'mean >= 0.93',
          met: false,
          cells: [
            { label: 'CWMed', seeds: [1, 2], met: false },
            { label: 'Krum', seeds: [1, 2], met: true },
          ],
        },
        { test: 'std <= 0.01', met: true },
      ],
    });
  });

  test('--junit writes the file, in a folder that need not be there', async () => {
    study('a', [0.92, 0.91], {}, thresholds);
    expect((await check('study', '--junit', 'reports/junit.xml')).status).toBe(1);
    const { attributes } = parseXml(readFileSync(join(folder, 'reports', 'junit.xml'), 'utf8'));
    expect(attributes).toMatchObject({ tests: '2', failures: '1', errors: '0' });
  });

  test('--threshold, --where and --against instead of the configs’ own', async () => {
    study('w', [0.97, 0.98], { weighted: true }, thresholds);
    study('u', [0.9, 0.93], { weighted: false });
    const own = await check(
      'study',
      '--threshold',
      'final.test_accuracy: mean >= 0.97',
      '--where',
      'weighted=true',
    );
    expect(own).toMatchObject({ status: 0, stderr: '' });
    expect(own.stdout).toMatch(
      /^where weighted = true\n✓ .*: 0.975, margin 0.005 .*\n1 of 1 thresholds met\n$/,
    );
    const several = await check(
      'study',
      '--threshold',
      'final.test_accuracy: [difference >= 0.1, difference < 1]',
      '--threshold',
      'best.test_loss: max < 2',
      '--against',
      'weighted=false',
    );
    expect(several.status).toBe(1);
    expect(several.stdout).toMatch(/^against weighted = false\n✗ .*\n✓ .*\n✓ .*\n2 of 3 thresholds met\n$/);
  });

  test('a run that diverged misses: status 1', async () => {
    study('a', [0.96], {}, thresholds.replace(", 'std <= 0.01'", ''));
    const path = join(folder, 'study', 'a', 'seed-2');
    writeRun(path, { seed: 2, accuracies: [0.99], updates: 20, diverged: 'the model diverged at update 11' });
    const { status, stdout } = await check('study');
    expect(status).toBe(1);
    expect(stdout).toContain(
      '✗ final.test_accuracy mean >= 0.93: seed 2 ended early: the model diverged at update 11 (test; 2 seeds; 1 cell)\n',
    );
  });

  test('runs with different thresholds are held to their own, and it is said', async () => {
    study('a', [0.96, 0.95], { rule: 'krum' }, thresholds);
    study('b', [0.5, 0.5], { rule: 'cwmed' });
    const { status, stderr } = await check('study');
    expect(status).toBe(0);
    expect(stderr).toBe(
      'byzsim: not all of these runs have the same thresholds: each is held to its own (--config FILE holds all to one)\n',
    );
  });
});

describe('what cannot be told: status 2', () => {
  test('no thresholds at all', async () => {
    study('a', [0.96]);
    const { status, stderr, stdout } = await check('study');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^byzsim: missing thresholds: the configs of study have none \(--config FILE/);
  });

  test('a run that has not ended', async () => {
    study('a', [0.96]);
    writeRun(join(folder, 'study', 'a', 'seed-2'), { seed: 2, finished: false });
    const { status, stderr } = await check('study', '--threshold', 'final.test_accuracy: mean >= 0');
    expect(status).toBe(2);
    expect(stderr).toContain(
      `missing runs: 1 of 2 has not ended; finish them, or remove what is left of them\n  ${join('study', 'a', 'seed-2')}\n`,
    );
  });

  test('a damaged run, which is named with what is wrong', async () => {
    study('a', [0.96, 0.95], {}, "thresholds: { final.test_accuracy: ['mean >= 0.93'] }\n");
    const path = join('study', 'a', 'seed-2');
    const metrics = join(folder, path, 'metrics.csv');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replace(/[^\n]*\n$/, ''));
    const { status, stdout, stderr } = await check('study');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      `byzsim: missing runs: 1 of 2 has not ended or is damaged; finish them, or remove what is left of them\n` +
        `  ${path}: metrics.csv has 1 row (2 expected)\n`,
    );
  });

  test('seeds of one experiment on different data', async () => {
    study('a', [0.96, 0.95], {}, "thresholds: { final.test_accuracy: ['mean >= 0.93'] }\n");
    for (const seed of [1, 2]) {
      const meta = join(folder, 'study', 'a', `seed-${seed}`, 'meta.json');
      const content = JSON.parse(readFileSync(meta, 'utf8')) as object;
      writeFileSync(
        meta,
        JSON.stringify({ ...content, dataset_sha256: { 'data_batch_1.bin': `sum ${seed}` } }),
      );
    }
    const { status, stdout, stderr } = await check('study');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^byzsim: mixed data: .*seed-1 and .*seed-2 are .* on different data \(data_batch_1\.bin\)/m,
    );
  });

  test('a threshold that matches nothing; the others are told all the same', async () => {
    study('a', [0.96]);
    const { status, stdout, stderr } = await checkForReal(
      'study',
      ...['--threshold', "{where: {attack: sing-flip}, final.test_accuracy: 'mean >= 0'}"],
      ...['--threshold', 'final.test_accuracy: mean >= 0.9', '--junit', 'junit.xml'],
    );
    expect(status).toBe(2);
    expect(stderr).toBe(
      'byzsim: cannot check final.test_accuracy mean >= 0 where attack = sing-flip: it matches nothing: ' +
        'no run has byzantine.attack.attack = sing-flip (did you mean sign-flip?)\n',
    );
    expect(stdout).toMatch(/^✓ .*\n1 of 2 thresholds met\n$/);
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('errors="1"');
  });

  test('where nothing can be checked the JUnit file says so, in place of an earlier one', async () => {
    writeFileSync(join(folder, 'junit.xml'), '<ok/>');
    const words = ['nowhere', '--threshold', 'final.test_accuracy: mean >= 0.9', '--junit', 'junit.xml'];
    const { status, stderr } = await checkForReal(...words);
    expect(status).toBe(2);
    const xml = readFileSync(join(folder, 'junit.xml'), 'utf8');
    expect(parseXml(xml).attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });
    expect(xml).toContain(`<error message="${stderr.trim().replace('byzsim: ', '')}"/>`);
  });

  test('of two results of one run the first counts, and it says so and where they differ', async () => {
    const thresholds = "thresholds: { final.test_accuracy: ['mean >= 0.95'] }\n";
    study('a', [0.96], {}, thresholds);
    cpSync(join(folder, 'study', 'a'), join(folder, 'study', 'b'), { recursive: true });
    const same = await check('study/a', 'study/b');
    expect(same.status).toBe(0);
    expect(same.stderr).toMatch(/^byzsim: left out study\/b\/.*seed-1: the same run as study\/a\/.*seed-1$/m);

    rmSync(join(folder, 'study', 'b'), { recursive: true });
    study('b', [0.94], {}, thresholds);
    const first = await check('study/a', 'study/b');
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(
      /^byzsim: left out study\/b\/.*: the same run as study\/a\/.* with other values: .* is 1\.06 here, 1\.04 there$/m,
    );
    expect((await check('study/b', 'study/a')).status).toBe(1);
  });

  test('mistakes in usage', async () => {
    study('a', [0.96]);
    for (const [args, message] of [
      [['study', '--threshold', 'final.test_acuracy: mean >= 0'], 'unknown quantity: final.test_acuracy'],
      [['study', '--threshold', 'mean >= 0.9'], 'invalid --threshold: "mean >= 0.9" (write it as'],
      [['study', '--where', 'attack=none'], 'missing --threshold'],
      [['study', 'updates=3'], 'invalid path: updates=3 (only --config FILE takes'],
      [[], 'missing paths'],
      [['nowhere'], 'missing results: nowhere'],
      [['--config', 'nowhere.yaml'], 'missing config: nowhere.yaml'],
    ] as const) {
      const { status, stderr } = await check(...args);
      expect(stderr).toContain(`byzsim: ${message}`);
      expect(status).toBe(2);
    }
  });
});

describe('with a config', () => {
  const config = (thresholds: string) => {
    writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
    writeFileSync(
      join(folder, 'small.yaml'),
      `dataset: {points: points.csv}
workers: 5
byzantine: {count: 2, lambda: 0.3, attack: empire}
aggregator: {rule: cwmed, meta: [ctma]}
optimizer: {name: mu2-sgd, learningRate: 0.1}
updates: 20
seeds: [1, 2]
${thresholds}`,
    );
  };
  const run = (...args: string[]) =>
    inProcess(['run', 'small.yaml', '--backend', 'cpu', '--threads', '1', '--quiet', ...args], folder);

  test('byzsim run --check runs and checks', async () => {
    config("thresholds: { final.test_loss: ['mean <= 1000'] }\n");
    const met = await run('--check');
    expect(met.stderr).toBe('');
    expect(met.stdout).toMatch(
      /\n2 seeds {2}test loss .*\n.*summary.json\n✓ final.test_loss mean <= 1000: .*2 seeds/,
    );
    expect(met.status).toBe(0);

    const missed = await run('--check', "thresholds={final.test_loss: ['mean <= 0']}");
    expect(missed.stdout).toMatch(/✗ final.test_loss mean <= 0: /);
    expect(missed.status).toBe(1);

    const json = await run('--check', '--json', "thresholds={final.test_loss: ['mean <= 0']}");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      seeds: [1, 2],
      check: { met: false, thresholds: [{ met: false }] },
    });
  });

  test('byzsim run --check without thresholds computes nothing', async () => {
    config('');
    const { status, stderr } = await run('--check');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^byzsim: missing thresholds: small.yaml has none/);
    expect(readdirSync(folder)).not.toContain('results');
  });

  test.each([
    ['{where: {weigthed: true}', 'where weigthed = true: unknown axis: weigthed (did you mean weighted?)'],
    ['{where: {attack: empir}', 'it matches nothing: no run has byzantine.attack.attack = empir'],
    ['{against: {rule: krum}', 'no run has aggregator.rule = krum'],
  ])(
    'thresholds that are about no run are refused before anything is computed: %s',
    async (scope, problem) => {
      config(`thresholds: [${scope}, final.test_loss: ['mean < 9']}]\n`);
      const checked = await run('--check');
      const swept = await inProcess(['sweep', 'small.yaml', '--check', '--quiet'], folder);
      const validated = await inProcess(['validate', 'small.yaml'], folder);
      for (const { status, stderr } of [checked, swept, validated]) {
        expect(status).toBe(2);
        expect(stderr).toContain(problem);
      }
      expect(readdirSync(folder)).not.toContain('results');
    },
  );

  test('byzsim check --config: the thresholds of the file, for all of its runs', async () => {
    config('');
    expect((await run()).status).toBe(0);
    config("thresholds: { final.test_loss: ['mean <= 1000'] }\n");
    expect(await check('--config', 'small.yaml')).toMatchObject({ status: 0, stderr: '' });
    expect((await check('results', '--config', 'small.yaml', 'seeds=[2]')).status).toBe(0);
    expect((await check('--config', 'small.yaml', "thresholds={final.test_loss: ['mean < 0']}")).status).toBe(
      1,
    );

    const more = await check('--config', 'small.yaml', 'seeds=[1,2,3,4]');
    expect(more.status).toBe(2);
    expect(more.stderr).toMatch(
      /^byzsim: missing runs: 2 of 4 have not ended; byzsim sweep small.yaml 'seeds=\[1,2,3,4\]' runs them\n {2}results\/small\/.*seed-3\n {2}.*seed-4\n$/,
    );
    renameSync(join(folder, 'results'), join(folder, 'kept'));
    const kept = await check('kept/small', '--config', 'small.yaml', 'seeds=[1,2,3]');
    expect(kept.stderr).toMatch(
      /; byzsim sweep small.yaml 'seeds=\[1,2,3\]' --out kept runs them\n {2}kept\/small\/.*seed-3\n$/,
    );
    renameSync(join(folder, 'kept'), join(folder, 'results'));
    const [slug] = readdirSync(join(folder, 'results', 'small')).filter((name) => !name.includes('.'));
    const damaged = join('results', 'small', slug, 'seed-2');
    rmSync(join(folder, damaged, 'metrics.csv'));
    const lost = await check('--config', 'small.yaml');
    expect(lost.status).toBe(2);
    expect(lost.stderr).toBe(
      'byzsim: missing runs: 1 of 2 has not ended or is damaged; byzsim sweep small.yaml runs them\n' +
        `  ${damaged}: metrics.csv is missing\n`,
    );

    const elsewhere = await check('--config', 'small.yaml', '--out', 'other');
    expect(elsewhere.status).toBe(2);
    expect(elsewhere.stderr).toMatch(/^byzsim: missing results: other\/small/);
  });
});
