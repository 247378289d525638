import type { Keys } from '../../base/definition.js';
import type { ModeParameters, Problem } from '../mode.js';
import type { ServersConfig } from './config.js';

/** What bounds are about, beside the numbers of workers. */
export type Bounded = Pick<ModeParameters<Keys>, 'servers' | 'network'> & {
  quorum?: number;
  gatherEvery?: number | 'auto';
};

/** Of how many nodes so many may be Byzantine, and how many of them one waits for. */
interface Bounds {
  /** n, f and q as the paper writes them. */
  names: { n: string; f: string; q: string };
  n: number;
  f: number;
  q: number | undefined;
  /** n ≥ factor f + more */
  factor: number;
  more: number;
  /** q ≥ 2 f + least; absent where a network waits for all. */
  least: number | undefined;
}

/**
 * What is beyond the bounds of the paper: of an asynchronous network n_ps ≥ 3 f_ps + 2, n_w ≥ 3 f_w + 1,
 * 2 f_ps + 2 ≤ q_ps ≤ n_ps - f_ps and 2 f_w + 1 ≤ q_w ≤ n_w - f_w; of a synchronous one n_ps ≥ 3 f_ps + 1 and
 * n_w ≥ 2 f_w + 1, and no quorums. One server alone is trusted: nothing bounds it. Servers that are themselves wrong are
 * absent.
 */
export function outOfBounds(
  { servers, network, quorum, gatherEvery }: Bounded,
  { workers, byzantine }: { workers: number; byzantine: number },
): Problem[] {
  const synchronous = network === 'synchronous';
  const ofWorkers: Bounds = {
    names: { n: 'n_w', f: 'f_w', q: 'q_w' },
    n: workers,
    f: byzantine,
    q: quorum,
    factor: synchronous ? 2 : 3,
    more: 1,
    least: synchronous ? undefined : 1,
  };
  return [
    ...(servers ? ofServers(servers, synchronous) : []),
    tooFew(ofWorkers, ['workers']) ?? outside(ofWorkers, ['quorum']),
    synchronous && gatherEvery === 0
      ? {
          path: ['gatherEvery'],
          message: 'invalid gatherEvery: 0 (network: synchronous holds models to T; expected 1 or more)',
        }
      : undefined,
  ].filter((problem) => problem !== undefined);
}

function ofServers(
  { count, byzantine, quorum }: ServersConfig,
  synchronous: boolean,
): (Problem | undefined)[] {
  const trusted = count === 1 && byzantine === 0;
  const least = trusted ? 1 : 2;
  const bounds: Bounds = {
    names: { n: 'n_ps', f: 'f_ps', q: 'q_ps' },
    n: count,
    f: byzantine,
    q: quorum,
    factor: 3,
    more: synchronous ? 1 : 2,
    least: synchronous ? undefined : least,
  };
  return [
    (trusted ? undefined : tooFew(bounds, ['servers', 'count'])) ?? outside(bounds, ['servers', 'quorum']),
  ];
}

function tooFew({ names, n, f, factor, more }: Bounds, path: string[]): Problem | undefined {
  if (n >= factor * f + more) return undefined;
  const { n: count, f: faulty } = names;
  const bound = `${count} >= ${factor} ${faulty} + ${more} = ${factor * f + more}`;
  return {
    path,
    message: `invalid ${path.at(-1)}: ${n} (expected ${bound}, with ${count} = ${n} and ${faulty} = ${f})`,
  };
}

function outside({ names, n, f, q, least }: Bounds, path: string[]): Problem | undefined {
  if (q === undefined) return undefined;
  const wrong = (why: string) => ({ path, message: `invalid quorum: ${q} (${why})` });
  if (least === undefined) return wrong('network: synchronous waits for all messages; leave it out');
  if (q >= 2 * f + least && q <= n - f) return undefined;
  const { n: count, f: faulty, q: name } = names;
  const bound = `2 ${faulty} + ${least} <= ${name} <= ${count} - ${faulty}`;
  const range = `${2 * f + least} to ${n - f}`;
  return wrong(`expected ${bound}, ${range}, with ${count} = ${n} and ${faulty} = ${f}`);
}
