import { show } from '../base/describe.js';
import { isMapping, type Mapping, valueOf } from '../base/mapping.js';
import { maxEntries } from '../base/limits.js';
import { parsePath } from '../config/overrides.js';
import { sweepKeys } from '../config/schema.js';
import type { Path } from '../base/issues.js';
import { slurmSchema, type SlurmKeys } from './slurm/keys.js';
import type { Assignment, Axis, SweepIssue } from './assignment.js';

/** An entry of `include` or `exclude`: not empty. */
export interface Entry {
  assignments: readonly Assignment[];
  /** In the sweep file. */
  path: Path;
}

/** The keys of a file that make it a sweep. */
export interface SweepKeys {
  axes: Axis[];
  exclude: Entry[];
  include: Entry[];
  slurm: SlurmKeys;
}

/** Reads `matrix`, `exclude` and `include`. What is wrong is left out and reported. */
export function readSweepKeys(raw: Mapping): SweepKeys & { issues: SweepIssue[] } {
  const issues: SweepIssue[] = [];
  const exclude = readEntries(raw, 'exclude', issues);
  const include = readEntries(raw, 'include', issues);
  return { axes: readMatrix(raw, issues), exclude, include, slurm: readSlurm(raw, issues), issues };
}

function readMatrix(raw: Mapping, issues: SweepIssue[]): Axis[] {
  const matrix = valueOf(raw, 'matrix') ?? {};
  if (!isMapping(matrix)) {
    issues.push({
      message: `invalid matrix: ${show(matrix)} (expected a mapping from keys to lists of values)`,
      origin: { path: ['matrix'] },
    });
    return [];
  }
  return Object.entries(matrix).flatMap(([key, values]) => {
    const origin = { path: ['matrix', key] };
    const path = readKey(key, origin.path, issues);
    if (!path) return [];
    if (key === 'seeds') {
      issues.push({
        message: 'invalid axis: seeds (write seeds: [1, 2, 3] outside of matrix)',
        origin,
        atKey: true,
      });
      return [];
    }
    if (!Array.isArray(values) || values.length === 0) {
      const hint = isMapping(values)
        ? `write its keys as ${key}.${Object.keys(values)[0] ?? 'key'}: [...]`
        : 'expected a list of at least one value';
      issues.push({ message: `invalid axis: ${key}: ${show(values)} (${hint})`, origin });
      return [];
    }
    return [
      {
        key,
        values: values.map((value: unknown, k) => ({
          key,
          path,
          value,
          origin: { path: [...origin.path, k] },
        })),
      },
    ];
  });
}

function readEntries(raw: Mapping, name: 'exclude' | 'include', issues: SweepIssue[]): Entry[] {
  const list = valueOf(raw, name) ?? [];
  const wrong = (value: unknown, path: Path, expected: string) => {
    issues.push({ message: `invalid ${name}: ${show(value)} (expected ${expected})`, origin: { path } });
    return [];
  };
  if (!Array.isArray(list)) return wrong(list, [name], 'a list of mappings from keys to values');
  if (list.length > maxEntries) {
    const message = `too many entries of ${name}: ${list.length} (the limit is ${maxEntries})`;
    issues.push({ message, origin: { path: [name] } });
    return [];
  }
  return list.flatMap((entry: unknown, k) => {
    const path = [name, k];
    if (!isMapping(entry) || Object.keys(entry).length === 0)
      return wrong(entry, path, 'a mapping from keys to values, such as {aggregator: krum}');
    const assignments = Object.entries(entry).flatMap(([key, value]) => {
      const place = [...path, key];
      const steps = readKey(key, place, issues);
      return steps ? [{ key, path: steps, value, origin: { path: place } }] : [];
    });
    return assignments.length > 0 ? [{ assignments, path }] : [];
  });
}

function readSlurm(raw: Mapping, issues: SweepIssue[]): SlurmKeys {
  const result = slurmSchema.safeParse(valueOf(raw, 'slurm') ?? {});
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    const steps = ['slurm', ...(path as Path)];
    issues.push({ message: `invalid ${steps.join('.')}: ${message}`, origin: { path: steps } });
  }
  return slurmSchema.parse({});
}

/** The steps of a key; reports keys that no run of a sweep can have of its own. */
function readKey(key: string, place: Path, issues: SweepIssue[]): Path | undefined {
  const path = parsePath(key);
  const fixed = path?.[0] === 'name' || Object.hasOwn(sweepKeys, String(path?.[0]));
  if (path && !fixed) return path;
  const reason = fixed ? 'it is the same for all runs of a sweep' : 'write a key such as aggregator.rule';
  issues.push({ message: `invalid key: ${show(key)} (${reason})`, origin: { path: place }, atKey: true });
  return undefined;
}

/** The first key of a config that makes it a sweep. */
export function sweepKeyOf(raw: unknown): string | undefined {
  return isMapping(raw) ? Object.keys(sweepKeys).find((key) => valueOf(raw, key) !== undefined) : undefined;
}
