import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  parseDocument,
  type Document,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import { UserError } from '../base/errors.js';

/** The starting points of the largest models that anyone writes out have half as many. */
const maxValues = 250_000;
/** Four times as deep as any config goes. What handles configs calls itself at each level. */
const maxDepth = 32;
/** More than any config needs, and far from what a chain of aliases can blow up to. */
const maxAliasCount = 100;

/** One thing wrong with a text. */
export interface YamlFault {
  /** From the start of the text, in UTF-16 units. */
  offset: number;
  message: string;
  /** There are more values than can be read in a while, from here on. */
  tooLong?: true;
}

/** A text as YAML: its values and the nodes that tell where they stand, or what is wrong with it. */
export type ParsedYaml = { value: unknown; contents: ParsedNode | null } | { faults: readonly YamlFault[] };

/**
 * Reads YAML 1.2 of its core schema: plain values, bounded in number and depth. What would be read in another way than
 * it looks is refused: tags of other schemas, keys that are no text, keys given twice, aliases within their own anchor.
 */
export function parseYaml(text: string): ParsedYaml {
  const end = endOfValues(text);
  if (end !== undefined) {
    const message = `too many values: more than ${maxValues.toLocaleString('en')}`;
    return { faults: [{ offset: end, message, tooLong: true }] };
  }
  const document = parseDocument(text, {
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false, // compares every key with every other; see faultsOf
  });
  const reported = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    offset: pos[0],
    message: reworded[code]?.(message) ?? message,
  }));
  const faults = reported.length > 0 ? reported : faultsOf(document);
  if (faults.length > 0) return { faults };
  try {
    const value = document.toJS({ maxAliasCount }) as unknown;
    if (isDeeper(value, maxDepth)) return { faults: [{ offset: 0, message: tooDeep }] };
    return { value, contents: document.contents };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return {
      faults: [{ offset: 0, message: `too many aliases (they make more than ${maxAliasCount} copies)` }],
    };
  }
}

/** The value of a short text, such as one of the command line. @throws UserError */
export function readYaml(text: string): unknown {
  const parsed = parseYaml(text);
  if ('faults' in parsed) throw new UserError(parsed.faults[0].message);
  return parsed.value;
}

const tooDeep = `nested too deeply (at most ${maxDepth} levels)`;

/** What the library says in other words, by its code. */
const reworded: Readonly<Record<string, (message: string) => string>> = {
  MULTIPLE_DOCS: () => 'multiple documents (expected one: leave out what follows ---)',
  RESOURCE_EXHAUSTION: () => tooDeep,
  TAG_RESOLVE_FAILED: (message) =>
    message.replace('Unresolved tag', 'unknown tag').replace('tag:yaml.org,2002:', '!!'),
};

/** Where there are too many values, if there are. Takes a tenth of the time of parsing them. */
function endOfValues(text: string): number | undefined {
  if (text.length <= maxValues) return undefined;
  let offset = 0;
  let values = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === documentMark) continue;
    if (token === scalarMark || /^["'*-]/.test(token)) values++;
    if (values > maxValues) return offset;
    if (token !== scalarMark) offset += token.length;
  }
  return undefined;
}

/** Tokens that stand for no text: before a document, and before a scalar without quotes. */
const documentMark = '\u0002';
const scalarMark = '\u001f';

/** What a document may not have, in the order of the text. */
function faultsOf(document: Document.Parsed): YamlFault[] {
  const faults: YamlFault[] = [];
  const report = (node: ParsedNode | null | undefined, message: string) =>
    faults.push({ offset: node?.range?.[0] ?? 0, message });

  const visit = (node: ParsedNode | null, depth: number, within: readonly ParsedNode[]): void => {
    if (isAlias(node)) {
      const target = node.resolve(document as unknown as Document) as ParsedNode | undefined;
      if (!target) report(node, `unknown alias: *${node.source}, whose anchor must come before it`);
      else if (within.includes(target))
        report(node, `invalid alias: *${node.source}, which stands within its own anchor`);
      return;
    }
    if (!isMap(node) && !isSeq(node)) return;
    if (depth === maxDepth) return void report(node, tooDeep);
    const inside = node.anchor === undefined ? within : [...within, node];
    if (isSeq(node)) for (const item of node.items) visit(item as ParsedNode, depth + 1, inside);
    else {
      checkKeys(node, report);
      for (const { value } of node.items) visit(value as ParsedNode | null, depth + 1, inside);
    }
  };
  visit(document.contents, 0, []);
  return faults;
}

function checkKeys(
  { items }: YAMLMap.Parsed,
  report: (node: ParsedNode | null | undefined, message: string) => void,
): void {
  const known = new Set<string>();
  for (const { key } of items) {
    const value = isScalar(key) ? (key.value as string | number | boolean | null) : null;
    if (value === null) report(key, 'invalid key (expected a name)');
    else if (known.has(String(value))) report(key, 'Map keys must be unique');
    else known.add(String(value));
  }
}

/** Whether values lie deeper than so many levels. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((entry) => isDeeper(entry, levels - 1));
}
