import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Gpu {
  name: string;
  /** Compute capability, "9.0". */
  capability?: string;
  memory_bytes?: number;
}

/** The NVIDIA GPUs of this machine and their driver, or why none can be used. */
export type GpuReport = { driver: string; gpus: Gpu[] } | { problem: string };

const query = ['--query-gpu=name,driver_version,compute_cap,memory.total', '--format=csv,noheader,nounits'];

/** Asks nvidia-smi, or else the kernel. */
export async function findGpus(): Promise<GpuReport> {
  const asked = await ask('nvidia-smi', query);
  if (asked && 'output' in asked) return parseGpus(asked.output);
  const driver = driverOfKernel();
  if (!driver) return { problem: asked?.problem ?? 'no NVIDIA driver is loaded' };
  const gpus = gpusOfKernel();
  return gpus.length > 0 ? { driver, gpus } : { problem: `the NVIDIA driver ${driver} sees no GPU` };
}

/** Reads nvidia-smi's answer: a line "name, driver, capability, MiB" a GPU. */
export function parseGpus(output: string): GpuReport {
  const lines = output
    .trim()
    .split('\n')
    .map((line) => line.split(', '));
  const rows = lines.filter((row) => row.length === 4);
  if (rows.length === 0) return { problem: `nvidia-smi says: ${output.trim().split('\n')[0]}` };
  return {
    driver: rows[0][1],
    gpus: rows.map(([name, , capability, mebibytes]) => ({
      name,
      ...(Number(capability) > 0 && { capability }),
      ...(Number(mebibytes) > 0 && { memory_bytes: Number(mebibytes) * 2 ** 20 }),
    })),
  };
}

/** A program's output, or what it said when it failed; nothing when there is no such program. */
function ask(program: string, args: string[]): Promise<{ output: string } | { problem: string } | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 10_000 }, (error, stdout, stderr) => {
      if (!error) return resolve({ output: stdout });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(undefined);
      const words = (stdout + stderr).trim().split('\n')[0];
      resolve({ problem: `${program} fails: ${words || 'it does not answer'}` });
    });
  });
}

function driverOfKernel(): string | undefined {
  try {
    const text = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return /Kernel Module.*?\s(\d+(?:\.\d+)+)\s/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

function gpusOfKernel(): Gpu[] {
  const folder = '/proc/driver/nvidia/gpus';
  try {
    return readdirSync(folder).map((bus) => {
      const text = readFileSync(`${folder}/${bus}/information`, 'utf8');
      return { name: /^Model:\s*(.+)$/m.exec(text)?.[1] ?? bus };
    });
  } catch {
    return [];
  }
}
