import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type ParsedNode } from 'yaml';
import type { Path } from './issues.js';
import { ConfigError } from './problems.js';

/** More than any config needs, and far from what a chain of aliases can blow up to. */
const maxAliasCount = 100;

/** The values of a YAML text, and where in the text each stands. */
export interface Source {
  value: unknown;
  /** Line and column (from 1) of the deepest part of the text on a path; of the last key on it with `atKey`. */
  position(path: Path, atKey?: boolean): { line: number; column: number };
}

/** ConfigError if the text is no YAML: nothing else can be checked then. */
export function parseSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const positionOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({ ...positionOf(pos[0]), message }));
    throw new ConfigError(file, problems);
  }
  return {
    value: toValue(() => document.toJS({ maxAliasCount }) as unknown, file),
    position: (path, atKey = false) => positionOf(offsetOf(document.contents, path, atKey)),
  };
}

/** Aliases are only followed, and found to be wrong or too many, on the way to plain values. */
function toValue(convert: () => unknown, file: string): unknown {
  try {
    return convert();
  } catch (error) {
    throw new ConfigError(file, [{ line: 1, column: 1, message: (error as Error).message }]);
  }
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
