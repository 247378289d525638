import { textTable } from '../base/table.js';
import { findLeftovers, removeLeftover, type Kept, type Leftover } from '../study/clean.js';
import { foldersIn } from '../study/study.js';
import { judgeHandedOut, removeHandedOut, type HandedOut } from '../sweep/handed-out.js';

export interface CleanFlags {
  yes?: boolean;
  json?: boolean;
}

/** What can go: what is left of runs, and of tasks. */
type Removable = Leftover | (Omit<Leftover, 'kind'> & { kind: 'tasks over' });

/** Lists what can go, or removes it. Exit status: 0. */
export function clean(paths: readonly string[], { yes = false, json = false }: CleanFlags): number {
  const { runs, tasks: taskFolders, notes } = foldersIn(paths);
  const { leftovers, kept } = findLeftovers(runs);
  const { tasks, unknownQueue } = judgeHandedOut(taskFolders);
  const over = tasks.filter(({ needed }) => !needed);
  const inUse = tasks.filter(({ needed }) => needed);
  if (unknownQueue !== undefined)
    notes.push(`unavailable queue: ${unknownQueue}; tasks that may be in it are kept`);
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
  const removable = [...leftovers, ...over.map(asRemovable)];
  const removed = yes ? removable.filter(remove) : [];
  if (json) {
    const listed = removable.map((each) => ({ ...each, removed: removed.includes(each) }));
    const bytes = total(yes ? removed : removable);
    const tasksKept = inUse.map(({ path, about }) => ({ path, about }));
    process.stdout.write(`${JSON.stringify({ bytes, leftovers: listed, kept, tasksKept }, undefined, 2)}\n`);
    return 0;
  }
  process.stdout.write(describeAll(removable));
  process.stdout.write(
    `${yes ? describeRemoved(removed) : describeRemovable(removable)}; ${describeKept(kept)}\n`,
  );
  for (const { path, about } of inUse) process.stdout.write(`kept the tasks of ${path}: ${about}\n`);
  for (const { path } of yes ? removable.filter((each) => !removed.includes(each)) : [])
    process.stderr.write(`byzsim: left ${path}: another process has taken it up\n`);
  return 0;
}

function asRemovable({ path, bytes, about }: HandedOut): Removable {
  return { path, kind: 'tasks over', bytes, about };
}

/** Whether it is gone. */
function remove(each: Removable): boolean {
  if (each.kind !== 'tasks over') return removeLeftover(each as Leftover);
  removeHandedOut(each);
  return true;
}

function describeAll(removable: readonly Removable[]): string {
  if (removable.length === 0) return '';
  const rows = removable.map(({ kind, bytes, path, about }) => [kind, size(bytes), path, about ?? '']);
  return textTable([['state', 'size', 'path', ''], ...rows]);
}

function describeRemovable(removable: readonly Removable[]): string {
  if (removable.length === 0) return 'nothing to remove';
  return `${count(removable)}, ${size(total(removable))}: --yes removes ${removable.length === 1 ? 'it' : 'them'}`;
}

function describeRemoved(removed: readonly Removable[]): string {
  return removed.length === 0 ? 'nothing removed' : `removed ${count(removed)}, ${size(total(removed))}`;
}

/** "kept 12 runs: 11 done, 1 running" */
function describeKept(kept: readonly Kept[]): string {
  const states = kept.map(({ state }) => state);
  const parts = [...new Set(states)].map((one) => `${states.filter((each) => each === one).length} ${one}`);
  const what = `kept ${kept.length} ${kept.length === 1 ? 'run' : 'runs'}`;
  return parts.length > 0 ? `${what}: ${parts.join(', ')}` : what;
}

/** "2 interrupted runs that can go on, 1 failed run" */
function count(removable: readonly Removable[]): string {
  const kinds = removable.map(wordsFor);
  return [...new Map(kinds.map((words) => [words[0], words])).values()]
    .map(([one, many]) => {
      const number = kinds.filter(([each]) => each === one).length;
      return `${number} ${number === 1 ? one : many}`;
    })
    .join(', ');
}

/** What one is, and what several are. */
function wordsFor({ kind, goesOn }: Removable): [one: string, many: string] {
  switch (kind) {
    case 'interrupted':
      return goesOn
        ? ['interrupted run that can go on', 'interrupted runs that can go on']
        : ['interrupted run that begins anew', 'interrupted runs that begin anew'];
    case 'failed':
      return ['failed run', 'failed runs'];
    case 'unknown':
      return ['run of which nothing is known', 'runs of which nothing is known'];
    case 'set aside':
      return ['checkpoint set aside', 'checkpoints set aside'];
    case 'tasks over':
      return ['folder of tasks that are over', 'folders of tasks that are over'];
  }
}

function total(removable: readonly Removable[]): number {
  return removable.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** "12.3 MB" */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
