import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { randomStream } from '../../src/base/random.js';
import { prepare, runSeed } from '../../src/run/run-seed.js';
import type { Backend } from '../../src/compute/engine.js';
import { checkpointOf, RunFolder, takeRun, type RunSummary } from '../../src/results/run-folder.js';
import type { Meta } from '../../src/results/meta-file.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { loadConfig } from '../../src/sweep/load.js';
import { readRunState } from '../../src/study/run-state.js';

/**
 * A run that is interrupted at a random update, with a checkpoint or by a kill after one, and goes on in another process,
 * has the bytes of one that was left alone. What each definition remembers is held in test/properties/state.test.ts.
 */

const folder = mkdtempSync(join(tmpdir(), 'byzsim-resume-'));
afterAll(() => rmSync(folder, { recursive: true }));
const points = Array.from({ length: 11 }, (_, k) => [Math.sin(k), Math.cos(3 * k), k / 5]);
writeFileSync(join(folder, 'points.csv'), points.map((row) => row.join(',')).join('\n'));

const updates = 30;
const base = {
  dataset: { points: 'points.csv' },
  workers: 7,
  byzantine: { count: 1, attack: 'sign-flip' },
  aggregator: 'cwmed',
  optimizer: 'mu2-sgd',
  updates,
  evaluate: { every: 4 },
};
const images = { dataset: 'digits', model: 'logistic', updates: 12, batchSize: 2, evaluate: { every: 5 } };

interface Play {
  threads?: number;
  backend?: Backend;
  force?: boolean;
  /** Ends with a checkpoint after this update. */
  leaveAt?: number;
  checkpointEvery?: number;
  /** Called after each step. */
  onStep?: (step: number) => void;
}

/** Plays the run of a config file into a folder as `byzsim run` does, and returns its notes and its end. */
async function play(file: string, out: string, { leaveAt, onStep, ...options }: Play = {}) {
  const { threads = 1, backend = 'cpu', force = false, checkpointEvery } = options;
  const loaded = await loadConfig(file, [], builtins);
  const controller = new AbortController();
  const notes: string[] = [];
  let made = -1;
  const reporter = {
    note: (text: string) => void notes.push(text),
    begin: (_label: string, _steps: number, _unit: string, before: number) => void (made = before),
    update(step: number) {
      onStep?.(step);
      if (step === leaveAt) controller.abort(new Error('enough'));
    },
    evaluated() {},
    progress() {},
    end() {},
  };
  const { signal } = controller;
  const engine = { backend, device: 'cpu', threads } as const;
  const prepared = await prepare(loaded, builtins, engine, reporter, signal);
  const seed = { loaded, seed: 1, folder: out, prepared, reporter, signal, force, checkpointEvery };
  const ended: RunSummary | Error = await runSeed(seed).catch((error: Error) => error);
  return { notes, made, ended, state: readRunState(out, { ...loaded, seed: 1 }) };
}

const tables = ['metrics.csv', 'iterates.csv', 'config.yaml'];
const bytesOf = (path: string) =>
  tables.map((name) => {
    const file = join(path, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  });
const json = (path: string, name: string) => JSON.parse(readFileSync(join(path, name), 'utf8')) as unknown;
const withoutClock = (path: string) => ({
  ...(json(path, 'summary.json') as RunSummary),
  wall_seconds: 0,
  path: '',
});

function write(name: string, changes: object): string {
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
  writeFileSync(file, stringify({ ...base, ...changes }));
  return file;
}

const cases: [string, object, Play][] = [
  ...[...builtins.modes.keys()].map((mode): [string, object, Play] => [`mode ${mode}`, { mode }, {}]),
  ['centered-clipping', { aggregator: 'centered-clipping' }, {}],
  ['bucketing', { aggregator: { rule: 'cwmed', meta: ['bucketing'] } }, {}],
  ['gaussian', { byzantine: { count: 1, attack: 'gaussian' } }, {}],
  ['monna', { optimizer: 'momentum', aggregator: 'monna' }, {}],
  ['two threads', images, { threads: 2, backend: 'wasm' }],
  ['onnx', images, { backend: 'onnx' }],
  ['onnx in two threads', images, { backend: 'onnx', threads: 2 }],
  ['wasm', images, { backend: 'wasm' }],
];

describe('an interrupted run goes on to the same bytes', () => {
  const draw = randomStream(2, 'resume');
  test.each(cases)(
    '%s',
    async (name, changes, engine) => {
      const file = write(name, changes);
      const total = (await loadConfig(file, [], builtins)).config.updates;
      const [whole, left] = ['whole', 'left'].map((end) => join(folder, name, end));
      expect(await play(file, whole, engine)).toMatchObject({ made: 0, state: { status: 'done' } });
      const first = 1 + Math.floor(draw() * (total - 3));
      const second = first + 1 + Math.floor(draw() * (total - first - 2));
      const interrupted = await play(file, left, { ...engine, leaveAt: first });
      expect(interrupted).toMatchObject({ ended: new Error('enough'), state: { status: 'interrupted' } });
      const again = await play(file, left, { ...engine, leaveAt: second });
      expect(again.notes).toContain(`going on with ${left} from update ${first}`);
      expect(again.made).toBe(first);
      expect(await play(file, left, engine)).toMatchObject({ made: second, state: { status: 'done' } });
      expect(bytesOf(left), `at ${first} and ${second}`).toEqual(bytesOf(whole));
      expect(withoutClock(left)).toEqual(withoutClock(whole));
      expect((json(left, 'meta.json') as Meta).resumed?.map(({ update }) => update)).toEqual([first, second]);
      expect(readdirSync(left).sort()).toEqual(readdirSync(whole).sort());
    },
    60_000,
  );
});

describe('a run that was killed', () => {
  /** What is in its folder after some step, as a kill would leave it there. */
  async function killed(file: string, out: string, at: number, checkpointEvery: number): Promise<void> {
    const scene = join(folder, `${basename(out)}-scene`);
    const onStep = (step: number) => {
      if (step !== at) return;
      for (const name of readdirSync(scene)) {
        if (name === 'running.json') continue;
        copyFileSync(join(scene, name), join(out, name));
      }
    };
    mkdirSync(out, { recursive: true });
    await play(file, scene, { checkpointEvery, onStep });
  }

  test('loses the rows after its checkpoint, and writes them again', async () => {
    const file = write('killed', {});
    const [whole, out] = ['killed-whole', 'killed'].map((name) => join(folder, name));
    await play(file, whole);
    await killed(file, out, 23, 5);
    writeFileSync(join(out, 'metrics.csv'), '24,half a r', { flag: 'a' });
    writeFileSync(join(out, 'checkpoint.bin.tmp'), 'half');
    expect((await play(file, out)).made).toBe(20);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
    const times = readFileSync(join(out, 'timing.csv'), 'utf8').trim().split('\n').slice(1);
    const seconds = times.map((row) => Number(row.split(',')[1]));
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    expect(times).toHaveLength(8);
  });

  test('has paces in timing.csv that are those of its rows, also after it went on', async () => {
    const file = write('paced', { updates: 20, evaluate: { every: 5 } });
    const out = join(folder, 'paced');
    const slow = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    await play(file, out, { leaveAt: 12, onStep: slow });
    await play(file, out, { onStep: (step) => void (step < 16 && slow()) });
    const [header, ...lines] = readFileSync(join(out, 'timing.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('update,wall_seconds,updates_per_second');
    const rows = [[0, 0], ...lines.map((line) => line.split(',').map(Number))];
    expect(rows.map(([update]) => update)).toEqual([0, 5, 10, 15, 20]);
    for (const [k, [update, seconds, pace]] of rows.slice(1).entries()) {
      const time = seconds - rows[k][1];
      expect(Math.abs(pace * time - (update - rows[k][0])), lines[k]).toBeLessThan(0.002 * pace);
    }
  });

  test('whose steps take long has a pace too', () => {
    const out = join(folder, 'slow');
    const files = { columns: ['update'], configYaml: '', meta: { hash: '', seed: 1 } };
    const run = new RunFolder(out, takeRun(out), files);
    run.append({ values: { update: 1 } }, 60);
    run.append({ values: { update: 2 } }, 90);
    run.close();
    expect(readFileSync(join(out, 'timing.csv'), 'utf8')).toBe(
      'update,wall_seconds,updates_per_second\n1,60.000,0.01667\n2,90.000,0.03333\n',
    );
  });

  const kept = async (name: string) => {
    const file = write(name, {});
    const out = join(folder, name);
    await play(file, out, { leaveAt: 10 });
    return { file, out, checkpoint: checkpointOf(out) };
  };

  test('begins anew with --force', async () => {
    const { file, out } = await kept('forced');
    expect((await play(file, out, { force: true })).made).toBe(0);
    expect(existsSync(checkpointOf(out))).toBe(false);
  });

  test.each<[string, (place: { out: string; checkpoint: string }) => void, string]>([
    [
      'damaged',
      ({ checkpoint }) => writeFileSync(checkpoint, 'junk', { flag: 'a' }),
      'it is not as it was written: its checksum is wrong',
    ],
    [
      'cut short',
      ({ checkpoint }) => writeFileSync(checkpoint, readFileSync(checkpoint).subarray(0, -100)),
      'it is cut short',
    ],
    [
      'overwritten with zeros',
      ({ checkpoint }) => writeFileSync(checkpoint, Buffer.alloc(5000)),
      'it begins with zeros: its content was lost, as in a power cut or on a failing disk',
    ],
    [
      'of rows that are gone',
      ({ out }) => writeFileSync(join(out, 'metrics.csv'), ''),
      'metrics.csv: it does not have the rows of the checkpoint any more',
    ],
    [
      'of rows that were edited',
      ({ out }) => {
        const metrics = join(out, 'metrics.csv');
        writeFileSync(metrics, readFileSync(metrics, 'utf8').replace('\n4,', '\n5,'));
      },
      'metrics.csv: it does not have the rows of the checkpoint any more',
    ],
  ])(
    'by a checkpoint that is %s: set aside and named, and the run begins anew',
    async (name, harm, reason) => {
      const { file, out, checkpoint } = await kept(name);
      harm({ out, checkpoint });
      const { notes, made, state } = await play(file, out);
      expect(notes).toContain(
        `set aside ${checkpoint} as checkpoint.aside.bin: ${reason}; the run begins anew (byzsim clean removes what was set aside)`,
      );
      expect(made).toBe(0);
      expect(state.status).toBe('done');
      expect(existsSync(join(out, 'checkpoint.aside.bin'))).toBe(true);
    },
  );

  test.each<[string, object, Play]>([
    ['of another config', { aggregator: 'mean' }, {}],
    ['of engine cpu', {}, { backend: 'wasm' }],
  ])('a checkpoint that is %s is not loaded', async (reason, changes, options) => {
    const { out } = await kept(`foreign ${reason}`);
    const other = write(`other ${reason}`, changes);
    const { notes, made } = await play(other, out, options);
    expect(notes.find((note) => note.startsWith('set aside'))).toContain(`: it is ${reason}`);
    expect(made).toBe(0);
  });
});
