import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type ParsedNode,
} from 'yaml';
import { UserError } from '../errors.js';
import type { Config } from './config.js';
import { loadFiles } from './files.js';
import type { Issue, Path } from './issues.js';
import { applyOverride, parseOverride, type Override } from './overrides.js';
import { resolveConfig } from './resolve.js';

export { resolvedYaml } from './resolved-yaml.js';

/** More than any config needs, and far from what a chain of aliases can blow up to. */
const maxAliasCount = 100;

/**
 * Reads a config, applies overrides (`optimizer.learningRate=0.05`) and resolves it. All problems are reported at once
 * in one UserError, a line each: `file:line:column: message`, or `command line: override: message`.
 */
export async function loadConfig(
  file: string,
  overrides: readonly string[] = [],
): Promise<{ config: Config }> {
  const source = parseYaml(await readConfig(file), file);
  const problems: Problem[] = [];
  const applied: Override[] = [];
  let raw = source.value;
  for (const [order, text] of overrides.entries()) {
    try {
      const override = parseOverride(text);
      raw = applyOverride(raw, override);
      applied.push(override);
    } catch (error) {
      problems.push({
        place: commandLine(text),
        order: [Infinity, order],
        message: (error as Error).message,
      });
    }
  }
  const { config, issues } = resolveConfig(raw, defaultName(file), await loadFiles(raw, dirname(file)));
  problems.push(...issues.map((issue) => locate(issue, source, applied)));
  if (!config || problems.length > 0) throw invalidConfig(file, problems);
  return { config };
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(`missing config: ${file}`);
    throw new UserError(`unreadable config: ${file} (${code === 'EISDIR' ? 'it is a folder' : code})`);
  }
}

/** The file's name without its ending, with every character that a name must not have replaced. */
function defaultName(file: string): string {
  const stem = basename(file).replace(/\.ya?ml$/i, '');
  return (
    stem
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 100) || 'config'
  );
}

interface Problem {
  place: string;
  /** Sorts problems: line and column, or Infinity and the override's number. */
  order: [number, number];
  message: string;
}

interface Source {
  file: string;
  value: unknown;
  document: Document.Parsed;
  lines: LineCounter;
}

/** UserError if the text is no YAML: the rest can only be checked once it is. */
function parseYaml(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalidConfig(
      file,
      document.errors.map((error) => at(file, lines, error.pos[0], error.message)),
    );
  }
  try {
    return { file, value: document.toJS({ maxAliasCount }), document, lines };
  } catch (error) {
    throw invalidConfig(file, [at(file, lines, 0, (error as Error).message)]);
  }
}

function at(file: string, lines: LineCounter, offset: number, message: string): Problem {
  const { line, col } = lines.linePos(offset);
  return { place: `${file}:${line}:${col}`, order: [line, col], message };
}

/** Where an issue comes from: the override that set the value, or else the deepest part of the file on its path. */
function locate(issue: Issue, { file, document, lines }: Source, overrides: readonly Override[]): Problem {
  const order = overrides.findLastIndex(({ path }) => path.every((step, k) => issue.path[k] === step));
  if (order >= 0) {
    return { place: commandLine(overrides[order].text), order: [Infinity, order], message: issue.message };
  }
  return at(file, lines, offsetOf(document.contents, issue.path, issue.atKey ?? false), issue.message);
}

function offsetOf(node: ParsedNode | null, path: Path, atKey: boolean): number {
  const offset = node?.range?.[0] ?? 0;
  if (path.length === 0) return offset;
  const [step, ...rest] = path;
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as ParsedNode | undefined;
    return item ? offsetOf(item, rest, atKey) : offset;
  }
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
    : undefined;
  if (!pair) return offset;
  const keyOffset = (pair.key as Node).range?.[0] ?? offset;
  if (atKey && rest.length === 0) return keyOffset;
  return pair.value ? offsetOf(pair.value, rest, atKey) : keyOffset;
}

function commandLine(override: string): string {
  return `command line: ${override}`;
}

function invalidConfig(file: string, problems: readonly Problem[]): UserError {
  const sorted = [...problems].sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
  const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
  return new UserError(
    [
      `invalid config: ${file} has ${count}`,
      ...sorted.map(({ place, message }) => `  ${place}: ${message}`),
    ].join('\n'),
  );
}
