import { createHash } from 'node:crypto';
import { decimal } from '../base/decimal.js';
import { show } from '../base/describe.js';
import { maxTableBytes, requireText } from '../base/text-file.js';
import type { Links } from '../simulation/byzsgd/delays.js';
import { nodeNames } from '../simulation/byzsgd/nodes.js';

/** A line of a file of links: who sends to whom, and how long that takes in virtual time. */
export interface LinkLine {
  /** From 1. */
  line: number;
  cells: readonly string[];
}

const columns = ['from', 'to', 'delay'];

/** The lines of a CSV file with the columns from, to and delay, the titles among them; blank lines do not count. */
export function parseLinks(text: string): LinkLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, k) => ({ line: k + 1, cells: line.split(',').map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.join('') !== '');
}

/** What is wrong with links for so many servers and workers, with its line; nothing if every message has its delay. */
export function checkLinks(
  lines: readonly LinkLine[],
  file: string,
  servers: number,
  workers: number,
): string | undefined {
  const names = nodeNames(servers, workers);
  const known = new Set(names);
  const seen = new Set<string>();
  const [titles, ...rest] = lines;
  if (titles?.cells.join() !== columns.join())
    return `${file}:${titles?.line ?? 1}: invalid titles: ${show(titles?.cells.join(',') ?? '')} (expected ${columns.join(',')})`;
  for (const { line, cells } of rest) {
    const wrong = (problem: string) => `${file}:${line}: ${problem}`;
    const [from, to, delay] = cells;
    if (cells.length !== columns.length)
      return wrong(`${cells.length} columns, expected ${columns.join(',')}`);
    const stranger = [from, to].find((name) => !known.has(name));
    if (stranger !== undefined)
      return wrong(`unknown node: ${show(stranger)} (expected s1 to s${servers} or w1 to w${workers})`);
    if (from.startsWith('w') && to.startsWith('w'))
      return wrong(`invalid link: ${from} to ${to} (workers send to servers alone)`);
    if (!(decimal(delay)! >= 0)) return wrong(`invalid delay: ${show(delay)} (expected number >= 0)`);
    if (seen.has(`${from} ${to}`)) return wrong(`invalid link: ${from} to ${to} is there twice`);
    seen.add(`${from} ${to}`);
  }
  const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));
  const missing = pairs.find(
    ([from, to]) =>
      from !== to && !(from.startsWith('w') && to.startsWith('w')) && !seen.has(`${from} ${to}`),
  );
  return (
    missing &&
    `${file}: missing link: ${missing.join(' to ')} (every server has one to all others, every worker one to each server)`
  );
}

/** The delays of a file, by the names of both ends, and the SHA-256 of the file, in hex. */
export interface LoadedLinks {
  links: Links;
  sha256: string;
}

/** Reads links that were checked when their config was loaded. */
export async function loadLinks(file: string): Promise<LoadedLinks> {
  const { text, bytes } = await requireText('links', file, maxTableBytes);
  const links = new Map<string, Map<string, number>>();
  for (const { cells } of parseLinks(text).slice(1)) {
    const [from, to, delay] = cells;
    if (!links.has(from)) links.set(from, new Map());
    links.get(from)!.set(to, decimal(delay)!);
  }
  return { links, sha256: createHash('sha256').update(bytes).digest('hex') };
}
