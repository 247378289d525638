import { basename, dirname } from 'node:path';
import { requireText } from '../base/text-file.js';
import { UserError } from '../errors.js';
import type { Config } from './config.js';
import { loadFiles } from './files.js';
import { isAbout, type Issue } from './issues.js';
import { isMapping, valueOf } from './mapping.js';
import type { Machine, Needs } from './needs.js';
import { applyOverride, parseOverride, type Override } from './overrides.js';
import { ConfigError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import { sweepKeys } from './schema.js';
import { parseSource, type Source } from './source.js';

export { resolvedYaml } from './resolved-yaml.js';

/** Of a config: ten times one that writes out the starting point of a convolutional network. */
const maxBytes = 16e6;

export interface LoadOptions {
  /** Must be able to hold each run; default: any machine will do. */
  machine?: Machine;
  /** What the file holds, where it has been read: from a pipe, that goes once. */
  source?: Source;
}

/**
 * Reads a config, applies overrides (`optimizer.learningRate=0.05`) and resolves it. All problems are reported at once
 * in one ConfigError, a line each: `file:line:column: message`, or `command line: override: message`.
 */
export async function loadConfig(
  file: string,
  overrides: readonly string[] = [],
  { machine, source: given }: LoadOptions = {},
): Promise<{ config: Config; needs: Needs }> {
  const source = given ?? (await readSource(file));
  refuseSweep(source.value, file);
  const problems: Problem[] = [];
  const applied: Override[] = [];
  let raw = source.value;
  for (const text of overrides) {
    try {
      const override = parseOverride(text);
      raw = applyOverride(raw, override);
      applied.push(override);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push({ override: text, message: error.message });
    }
  }
  const files = await loadFiles(raw, dirname(file));
  const { config, needs, issues } = resolveConfig(raw, defaultName(file), files, machine);
  problems.push(...issues.map((issue) => locate(issue, source, applied)));
  if (!config || !needs || problems.length > 0) throw new ConfigError(file, problems);
  return { config, needs };
}

/** UserError where there is no such file, ConfigError where it is no YAML. */
export async function readSource(file: string): Promise<Source> {
  const { text } = await requireText('config', file, maxBytes);
  return parseSource(text, file);
}

/** The first key of a config that makes it a sweep. */
export function sweepKeyOf(raw: unknown): string | undefined {
  return isMapping(raw) ? Object.keys(sweepKeys).find((key) => valueOf(raw, key) !== undefined) : undefined;
}

/** A sweep is many experiments; commands for one take none of them. */
function refuseSweep(raw: unknown, file: string): void {
  const key = sweepKeyOf(raw);
  if (key !== undefined)
    throw new UserError(`${file} is a sweep: it has the key ${key}; use byzsim sweep ${file}`);
}

/** The file's name without its ending; runs of characters that a name must not have become a hyphen. */
export function defaultName(file: string): string {
  const stem = basename(file).replace(/\.ya?ml$/i, '');
  const safe = stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return safe.slice(0, 100) || 'config';
}

/** Where an issue comes from: the last override that set the value, or else the file. */
function locate(issue: Issue, source: Source, overrides: readonly Override[]): Problem {
  const { path, message, atKey } = issue;
  const override = overrides.findLast((each) => isAbout(issue, each.path));
  return override ? { override: override.text, message } : { ...source.position(path, atKey), message };
}
