import type { Registry } from '../../base/definition.js';
import type { Random } from '../../base/random.js';
import type { ClockDefinition } from '../clocks/clock.js';
import { isLinks, type NetworkConfig } from './config.js';

/** How long the next message from one node to another takes, in virtual time. Depends on nothing that is sent. */
export type Delays = (from: string, to: string) => number;

/** Constant delays, from node to node. */
export type Links = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The delays of a network; none where all messages of a step arrive before it ends. */
export function createDelays(
  network: NetworkConfig,
  { clocks, random, links }: { clocks: Registry<ClockDefinition>; random: Random; links?: Links },
): Delays {
  if (network === 'synchronous') return () => 0;
  const { delay } = network;
  if (isLinks(delay)) return (from, to) => links!.get(from)!.get(to)!;
  const { process, mean, ...parameters } = delay;
  const gap = clocks.get(process)!.create(parameters, random);
  return () => mean * gap();
}
