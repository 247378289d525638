import { textTable } from '../base/table.js';
import { findLeftovers, removeLeftover, type Kept, type Leftover } from '../study/clean.js';
import { runFoldersIn } from '../study/study.js';

export interface CleanFlags {
  yes?: boolean;
  json?: boolean;
}

/** Lists what can go, or removes it. Exit status: 0. */
export function clean(paths: readonly string[], { yes = false, json = false }: CleanFlags): number {
  const { folders, notes } = runFoldersIn(paths);
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
  const { leftovers, kept } = findLeftovers(folders);
  const removed = yes ? leftovers.filter(removeLeftover) : [];
  if (json) {
    const listed = leftovers.map((leftover) => ({ ...leftover, removed: removed.includes(leftover) }));
    const bytes = total(yes ? removed : leftovers);
    process.stdout.write(`${JSON.stringify({ bytes, leftovers: listed, kept }, undefined, 2)}\n`);
    return 0;
  }
  process.stdout.write(describeLeftovers(leftovers));
  process.stdout.write(
    `${yes ? describeRemoved(removed) : describeRemovable(leftovers)}; ${describeKept(kept)}\n`,
  );
  for (const { path } of yes ? leftovers.filter((leftover) => !removed.includes(leftover)) : [])
    process.stderr.write(`byzsim: left ${path}: another process has taken it up\n`);
  return 0;
}

function describeLeftovers(leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return '';
  const rows = leftovers.map(({ kind, bytes, path, about }) => [kind, size(bytes), path, about ?? '']);
  return textTable([['state', 'size', 'path', ''], ...rows]);
}

function describeRemovable(leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return 'nothing to remove';
  return `${count(leftovers)}, ${size(total(leftovers))}: --yes removes ${leftovers.length === 1 ? 'it' : 'them'}`;
}

function describeRemoved(removed: readonly Leftover[]): string {
  return removed.length === 0 ? 'nothing removed' : `removed ${count(removed)}, ${size(total(removed))}`;
}

/** "kept 12 runs: 11 done, 1 running" */
function describeKept(kept: readonly Kept[]): string {
  const states = kept.map(({ state }) => state);
  const parts = [...new Set(states)].map((one) => `${states.filter((each) => each === one).length} ${one}`);
  const what = `kept ${kept.length} ${kept.length === 1 ? 'run' : 'runs'}`;
  return parts.length > 0 ? `${what}: ${parts.join(', ')}` : what;
}

function count(leftovers: readonly Leftover[]): string {
  return `${leftovers.length} ${leftovers.length === 1 ? 'leftover' : 'leftovers'}`;
}

function total(leftovers: readonly Leftover[]): number {
  return leftovers.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** "12.3 MB" */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
