import type { ServerAttackConfig } from '../../attacks/servers/server-attack.js';

/** n_ps servers, of which the last f_ps ids are Byzantine. */
export interface ServersConfig {
  /** n_ps */
  count: number;
  /** f_ps */
  byzantine: number;
  attack: ServerAttackConfig;
  /** q_ps: how many models workers and servers wait for, a server's own included; absent where all arrive. */
  quorum?: number;
}

/** A clock with a mean in units of virtual time, or a constant for each link. `links` is absolute once loaded. */
export type DelayConfig = ({ process: string; mean: number } & Record<string, unknown>) | { links: string };

/** How long messages take; or that all of a step arrive before it ends. */
export type NetworkConfig = { delay: DelayConfig } | 'synchronous';

/** Whether delays stand in a file. */
export function isLinks(delay: DelayConfig): delay is { links: string } {
  return 'links' in delay;
}

/** The file of delays that a network names. */
export function linksOf(network: NetworkConfig | undefined): string | undefined {
  if (typeof network !== 'object') return undefined;
  return isLinks(network.delay) ? network.delay.links : undefined;
}

/** What befalls a node (s2, w7): it sends nothing for a time, or does nothing any more. Times are virtual. */
export type FaultConfig =
  { node: string; silentFrom: number; until?: number } | { node: string; crashAt: number };
