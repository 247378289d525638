/** Servers are s1, s2, …, workers w1, w2, …, by their ids from 1. */
export type Kind = 'server' | 'worker';

/** The name of a node by its 0-based index among its kind. */
export function nodeName(kind: Kind, index: number): string {
  return `${kind === 'server' ? 's' : 'w'}${index + 1}`;
}

/** Names of all nodes: those of the servers, then those of the workers. */
export function nodeNames(servers: number, workers: number): string[] {
  const names = (kind: Kind, count: number) => Array.from({ length: count }, (_, k) => nodeName(kind, k));
  return [...names('server', servers), ...names('worker', workers)];
}
