import { readFileSync } from 'node:fs';
import { describeMachine, type MachineReport } from '../base/machine.js';
import { defaultThreads } from '../compute/create.js';
import type { Chosen } from '../compute/engine.js';
import type { Registry } from '../base/definition.js';
import type { DatasetDefinition } from '../data/dataset.js';
import { cacheDirectory, dataDirectory } from '../data/directory.js';
import { dataFolders, lookAt, type DataFolder } from '../data/inspect.js';
import { enginesAndDevices, examineEngine, probe, probed, type EngineReport } from './engines.js';
import { findGpus, type GpuReport } from '../compute/gpu.js';

/** What of this machine bears on running experiments. */
export interface Examination {
  machine: MachineReport;
  node: { version: string; needed: string; supported: boolean };
  /** Compute threads of a run unless --threads says otherwise. */
  threads: number;
  gpu: GpuReport;
  /** What gradient_ms of the engines is the time of. */
  probed: typeof probed;
  engines: EngineReport[];
  /** What --backend auto chooses, and why. */
  auto: Chosen | { problem: string };
  /** `present`: files that are there and of the right size; `problems`: those that cannot be used. */
  data: { name: string; path: string; files: number; present: number; problems: string[] }[];
}

/** Looks at everything. Takes some seconds: each engine is loaded in its turn. */
export async function examine(
  datasets: Registry<DatasetDefinition>,
  onBegin: (what: string) => void,
): Promise<Examination> {
  const gpu = await findGpus();
  const engines: EngineReport[] = [];
  for (const { engine, device } of enginesAndDevices) {
    onBegin(`${engine} on ${device}`);
    engines.push(await examineEngine(engine, device, gpu));
  }
  onBegin('auto');
  return {
    machine: describeMachine(),
    node: nodeSupport(),
    threads: defaultThreads(),
    gpu,
    probed,
    engines,
    auto: await chosenByAuto(),
    data: await findData(datasets),
  };
}

async function chosenByAuto(): Promise<Chosen | { problem: string }> {
  const result = await probe('auto', 'auto');
  if (!result.loads) return { problem: result.problem };
  const { backend, device, version, reason } = result;
  return { backend, device, version, reason };
}

async function findData(datasets: Registry<DatasetDefinition>) {
  const folders = [...dataFolders(datasets, { data: dataDirectory(), cache: cacheDirectory() })];
  return Promise.all(
    folders.map(async ([name, folder]) => ({
      name,
      path: folder.path,
      files: folder.files.length,
      ...(await presence(folder)),
    })),
  );
}

async function presence(folder: DataFolder): Promise<{ present: number; problems: string[] }> {
  const { whole, problems } = await lookAt(folder);
  return { present: whole, problems };
}

function nodeSupport() {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const needed = (JSON.parse(manifest) as { engines: { node: string } }).engines.node;
  return { version: process.version, needed, supported: isAtLeast(process.version, needed) };
}

/** Compares "v20.20.2" with ">=20.19". */
export function isAtLeast(version: string, needed: string): boolean {
  const numbers = (text: string) => text.replace(/^\D+/, '').split('.').map(Number);
  const [have, want] = [numbers(version), numbers(needed)];
  const k = want.findIndex((number, i) => have[i] !== number);
  return k === -1 || have[k] > want[k];
}
