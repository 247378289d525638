import type { FaultConfig } from './config.js';

/** Which nodes are silent or have crashed, at times of the simulation. */
export class Faults {
  constructor(private readonly faults: readonly FaultConfig[]) {}

  /** Whether what it would send at a time is never sent. */
  isSilent(node: string, time: number): boolean {
    return this.faults.some(
      (fault) =>
        fault.node === node &&
        'silentFrom' in fault &&
        time >= fault.silentFrom &&
        time < (fault.until ?? Infinity),
    );
  }

  /** Whether it does nothing any more. */
  hasCrashed(node: string, time: number): boolean {
    return this.faults.some((fault) => fault.node === node && 'crashAt' in fault && time >= fault.crashAt);
  }
}
