import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream, type Random } from '../../src/base/random.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { faultsIn, finishedIn, resultsOf, resumptionsIn, type Files } from './look.js';
import { start, type Victim } from './start.js';

/** A command that is killed and started again until it is done, and then from nothing. */
export interface Subject {
  /** "sweep of mode async" */
  name: string;
  kills: number;
  /** How often a run that ended well had gone on from a checkpoint. */
  resumed: number;
  done: number;
}

export interface Killed {
  subjects: Subject[];
  faults: string[];
}

/** What the modes are played with, so that a run takes about as long as its process takes to start. */
const config = `dataset: {points: points.csv}
workers: 5
byzantine: {count: 1, attack: gaussian}
aggregator: {rule: centered-clipping, meta: [bucketing]}
optimizer: mu2-sgd
updates: 1200
evaluate: {every: 100}
checkpoint: {every: 150}
`;
const axes = 'matrix: {optimizer: [sgd, mu2-sgd]}\nseeds: [1, 2]\n';

/** Whom a kill hits: the command, all of its processes, or one that it started. */
const victims: readonly Victim[] = ['command', 'all', 'child'];

interface Command extends Subject {
  words: string[];
  /** What comes out of it when it is left alone, and how many milliseconds it takes. */
  alone: Files;
  duration: number;
  out: string;
  /** Summaries of the runs that were done so far, by path. */
  finished: Files;
}

/** Kills so many times, the commands in turn. `onKill` is told how many were made. */
export async function killRuns(
  kills: number,
  seed: number,
  onKill: (kills: number) => void = () => {},
): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-kills-'));
  const random = randomStream(seed, 'kills');
  try {
    writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
    const commands = await prepare(folder);
    const faults: string[] = [];
    let made = 0;
    for (let turn = 0; made < kills; turn++) {
      const command = commands[turn % commands.length];
      const before = command.kills;
      faults.push(...(await once(command, random)).map((fault) => `${command.name}: ${fault}`));
      made += command.kills - before;
      if (command.kills > before) onKill(made);
    }
    for (const command of commands)
      faults.push(...(await once(command)).map((fault) => `${command.name}: ${fault}`));
    return {
      subjects: commands.map(({ name, kills, resumed, done }) => ({ name, kills, resumed, done })),
      faults,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function prepare(folder: string): Promise<Command[]> {
  const commands: Command[] = [];
  for (const mode of builtins.modes.keys())
    for (const kind of ['run', 'sweep'] as const) {
      const file = join(folder, `${mode}-${kind}.yaml`);
      writeFileSync(file, `${config}mode: ${mode}\n${kind === 'sweep' ? axes : ''}`);
      const words = [kind, file, '--backend', 'cpu', '--threads', '1'];
      const out = join(folder, `${mode}-${kind}`);
      const begun = performance.now();
      const { status, stderr } = await start([...words, '--out', `${out}-alone`]).end;
      if (status !== 0) throw new Error(`the ${kind} that is left alone ended with ${status}: ${stderr}`);
      const duration = performance.now() - begun;
      const alone = resultsOf(`${out}-alone`);
      const counts = { kills: 0, resumed: 0, done: 0 };
      const name = `${kind} of mode ${mode}`;
      commands.push({ name, words, alone, duration, out, finished: new Map(), ...counts });
    }
  return commands;
}

/** Starts a command, kills it at a random moment if it is to be, looks at what is there, and returns what is wrong. */
async function once(command: Command, random?: Random): Promise<string[]> {
  const { words, out, alone, duration } = command;
  const started = start([...words, '--out', out]);
  const victim = victims[Math.floor((random?.() ?? 0) * victims.length)];
  const timer = random && setTimeout(() => started.kill(victim), random() * duration);
  const { status, stderr, killed, gone } = await started.end;
  clearTimeout(timer);
  await gone;
  const faults = faultsIn(out, command.finished);
  for (const [path, content] of finishedIn(out)) command.finished.set(path, content);
  if (killed) command.kills++;
  if (status === 0) {
    command.done++;
    command.resumed += resumptionsIn(out);
    const results = resultsOf(out);
    const names = new Set([...alone.keys(), ...results.keys()]);
    for (const name of names)
      if (alone.get(name) !== results.get(name)) faults.push(`${name} is not as without kills`);
    rmSync(out, { recursive: true });
    command.finished.clear();
  } else if (!killed) faults.push(`ended with ${status}: ${stderr}`);
  return faults;
}
