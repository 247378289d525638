import { createHash } from 'node:crypto';
import { wholeNumber } from '../base/decimal.js';
import { maxTableBytes, requireText } from '../base/text-file.js';
import { show } from '../base/describe.js';

/** One arrival of a recorded trace. */
export interface TraceLine {
  /** 1-based line in the file. */
  line: number;
  text: string;
  /** 1-based worker; NaN if the text is no whole number. */
  worker: number;
}

/** The arrivals of a trace file: one worker id a line, from 1; blank lines do not count. */
export function parseTrace(text: string): TraceLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, k) => ({ line: k + 1, text: line.trim() }))
    .filter(({ text }) => text !== '')
    .map(({ line, text }) => ({ line, text, worker: wholeNumber(text) ?? NaN }));
}

/** What is wrong with a trace for so many workers and updates, with its line; nothing if it can be replayed. */
export function checkTrace(
  trace: readonly TraceLine[],
  file: string,
  workers: number,
  updates: number,
): string | undefined {
  const wrong = trace.find(({ worker }) => !(worker >= 1 && worker <= workers));
  if (wrong)
    return `${file}:${wrong.line}: invalid worker: ${show(Number.isNaN(wrong.worker) ? wrong.text : wrong.worker)} (expected integer in [1, ${workers}])`;
  if (trace.length >= updates) return undefined;
  const end = trace.at(-1)?.line ?? 1;
  return `${file}:${end}: the trace ends after ${trace.length} arrivals (expected ${updates}, one for each update)`;
}

/** Reads a trace that was checked when its config was loaded. Workers count from 0 here. */
export async function readTrace(file: string): Promise<number[]> {
  return (await loadTrace(file)).workers;
}

/** The workers of a trace in the order of their arrivals, from 0, and the SHA-256 of its file, in hex. */
export interface LoadedTrace {
  workers: number[];
  sha256: string;
}

/** The same with the sum of the file. */
export async function loadTrace(file: string): Promise<LoadedTrace> {
  const { text, bytes } = await requireText('trace', file, maxTableBytes);
  const workers = parseTrace(text).map(({ worker }) => worker - 1);
  return { workers, sha256: createHash('sha256').update(bytes).digest('hex') };
}
