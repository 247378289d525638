import { cpus, loadavg, totalmem } from 'node:os';
import { packageVersion } from './version.js';

/** What the times depend on. */
export interface MachineReport {
  cpu: string;
  cores: number;
  memory_bytes: number;
  platform: string;
  node: string;
  byzsim: string;
  /** Processes that wanted a core in the last minute, on average: others', when a benchmark begins. */
  load: number;
}

export function describeMachine(): MachineReport {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_bytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    byzsim: packageVersion(),
    load: loadavg()[0],
  };
}
