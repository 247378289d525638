import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sizeOf } from '../base/size-of.js';
import { openCheckpoint } from '../results/checkpoint-file.js';
import { removeEmpty } from '../results/files.js';
import { HeldError } from '../results/lock/lock.js';
import { DamagedFile, LayoutError } from '../results/reading.js';
import { checkpointOf, lockOf, setAsideName, takeRun, type EndStatus } from '../results/run-folder.js';
import { describeHolder } from '../results/lock/messages.js';
import { readRunState } from './run-state.js';

/** What can be removed without losing a result: a run folder, or a checkpoint that was set aside in one. */
export interface Leftover {
  path: string;
  /** 'unknown': nothing there says what became of it. */
  kind: 'failed' | 'interrupted' | 'unknown' | 'set aside';
  bytes: number;
  /** Why it failed; at which update it would go on, or why it begins anew. */
  about?: string;
  /** Of an interrupted run: whether it would go on from a checkpoint. */
  goesOn?: boolean;
}

/** A run folder that stays, and why. */
export interface Kept {
  path: string;
  state: EndStatus | 'failed' | 'running' | 'invalid' | 'of another layout';
  about?: string;
}

/**
 * Tells the folders of runs that have no result from those that stay. Whatever has a summary.json stays, even where it
 * does not count as it is; so does what a process is writing.
 */
export function findLeftovers(folders: readonly string[]): { leftovers: Leftover[]; kept: Kept[] } {
  const leftovers: Leftover[] = [];
  const kept: Kept[] = [];
  for (const path of folders) {
    if (!existsSync(path)) continue; // another process has removed it
    const verdict = judge(path);
    if ('kind' in verdict) leftovers.push(verdict);
    else {
      kept.push(verdict);
      const aside = join(path, setAsideName);
      if (existsSync(aside)) leftovers.push({ path: aside, kind: 'set aside', bytes: sizeOf(aside) });
    }
  }
  return { leftovers, kept };
}

function judge(path: string): Leftover | Kept {
  const leftover = (kind: Leftover['kind'], about?: string) => ({ path, kind, bytes: sizeOf(path), about });
  let state;
  try {
    state = readRunState(path);
  } catch (error) {
    if (error instanceof LayoutError) return { path, state: 'of another layout' };
    throw error;
  }
  switch (state.status) {
    case 'done':
    case 'diverged':
    case 'stopped':
      return { path, state: state.status };
    case 'running':
      return { path, state: 'running', about: describeHolder(state.lock) };
    case 'invalid':
    case 'failed':
      if (hasSummary(path)) return { path, state: state.status, about: state.message };
      return leftover(state.status === 'failed' ? 'failed' : 'unknown', state.message);
    case 'interrupted':
      return { ...leftover('interrupted'), ...lookAtCheckpoint(path) };
    case 'missing':
      return leftover('unknown');
  }
}

function hasSummary(path: string): boolean {
  return existsSync(join(path, 'summary.json'));
}

function lookAtCheckpoint(path: string): Pick<Leftover, 'about' | 'goesOn'> {
  try {
    const checkpoint = openCheckpoint(checkpointOf(path));
    checkpoint?.close();
    if (!checkpoint) return { goesOn: false, about: 'begins anew: it has no checkpoint' };
    return { goesOn: true, about: `goes on from update ${checkpoint.header.update}` };
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    return { goesOn: false, about: `begins anew: ${basename(error.file)}: ${error.reason}` };
  }
}

/**
 * Removes it, unless it has a result by now or a process has taken it up; whether it is gone. The folder around the seeds of
 * an experiment goes with the last of them.
 */
export function removeLeftover({ path, kind }: Leftover): boolean {
  const folder = kind === 'set aside' ? dirname(path) : path;
  if (!existsSync(folder)) return true;
  let lock;
  try {
    lock = takeRun(folder);
  } catch (error) {
    if (error instanceof HeldError) return false;
    throw error;
  }
  try {
    if (kind === 'set aside') rmSync(path, { recursive: true, force: true });
    else if (hasSummary(folder)) return false;
    else
      for (const name of readdirSync(folder))
        if (join(folder, name) !== lockOf(folder))
          rmSync(join(folder, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
  if (kind !== 'set aside') removeEmpty(folder, dirname(folder));
  return true;
}
