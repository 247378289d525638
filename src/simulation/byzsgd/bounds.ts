import type { ExperimentConfig } from '../config.js';

/** What bounds are about. */
export type Bounded = Pick<ExperimentConfig, 'workers' | 'byzantine' | 'servers' | 'network'> & {
  quorum?: number;
  gatherEvery?: number | 'auto';
};

interface Issue {
  path: string[];
  message: string;
}

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
 * The bounds of the paper: of an asynchronous network n_ps ≥ 3 f_ps + 2, n_w ≥ 3 f_w + 1, 2 f_ps + 2 ≤ q_ps ≤ n_ps - f_ps
 * and 2 f_w + 1 ≤ q_w ≤ n_w - f_w; of a synchronous one n_ps ≥ 3 f_ps + 1 and n_w ≥ 2 f_w + 1, and no quorums. One server
 * alone is trusted: nothing bounds it.
 */
export function checkBounds(config: Bounded): Issue | undefined {
  const { workers, byzantine, quorum, gatherEvery } = config;
  const servers = config.servers!;
  const synchronous = config.network === 'synchronous';
  const ofServers: Bounds = {
    names: { n: 'n_ps', f: 'f_ps', q: 'q_ps' },
    n: servers.count,
    f: servers.byzantine,
    q: servers.quorum,
    factor: 3,
    more: synchronous ? 1 : 2,
    least: synchronous ? undefined : 2,
  };
  const ofWorkers: Bounds = {
    names: { n: 'n_w', f: 'f_w', q: 'q_w' },
    n: workers,
    f: byzantine.count,
    q: quorum,
    factor: synchronous ? 2 : 3,
    more: 1,
    least: synchronous ? undefined : 1,
  };
  const trusted = servers.count === 1 && servers.byzantine === 0;
  return (
    (trusted
      ? outside({ ...ofServers, least: ofServers.least && 1 }, ['servers', 'quorum'])
      : (tooFew(ofServers, ['servers', 'count']) ?? outside(ofServers, ['servers', 'quorum']))) ??
    tooFew(ofWorkers, ['workers']) ??
    outside(ofWorkers, ['quorum']) ??
    (synchronous && gatherEvery === 0
      ? {
          path: ['gatherEvery'],
          message: 'invalid gatherEvery: 0 (network: synchronous holds models to T; expected 1 or more)',
        }
      : undefined)
  );
}

function tooFew({ names, n, f, factor, more }: Bounds, path: string[]): Issue | undefined {
  if (n >= factor * f + more) return undefined;
  const { n: count, f: faulty } = names;
  const bound = `${count} >= ${factor} ${faulty} + ${more} = ${factor * f + more}`;
  return {
    path,
    message: `invalid ${path.at(-1)}: ${n} (expected ${bound}, with ${count} = ${n} and ${faulty} = ${f})`,
  };
}

function outside({ names, n, f, q, least }: Bounds, path: string[]): Issue | undefined {
  if (q === undefined) return undefined;
  const wrong = (why: string) => ({ path, message: `invalid quorum: ${q} (${why})` });
  if (least === undefined) return wrong('network: synchronous waits for all messages; leave it out');
  if (q >= 2 * f + least && q <= n - f) return undefined;
  const { n: count, f: faulty, q: name } = names;
  const bound = `2 ${faulty} + ${least} <= ${name} <= ${count} - ${faulty}`;
  const range = `${2 * f + least} to ${n - f}`;
  return wrong(`expected ${bound}, ${range}, with ${count} = ${n} and ${faulty} = ${f}`);
}
