import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError } from '../errors.js';
import { fileProblem } from '../file-problem.js';
import { asTypeScript } from './hooks.js';
import { importsOf, isTypeScript, relativeImports, withoutTypes } from './syntax.js';

/** What a module is made of: its file, and all that it imports by relative paths. */
export interface Sources {
  /** SHA-256 of each in hex, by its absolute path. */
  files: ReadonlyMap<string, string>;
  /** SHA-256 in hex of what they hold, and of where they lie beside each other: the same in another folder. */
  sha256: string;
}

/** @throws UserError where one of them is missing or is no TypeScript */
export async function readSources(file: string): Promise<Sources> {
  const contents = new Map<string, Buffer>();
  await collect(file, contents, 'unreadable module');
  const hash = createHash('sha256');
  const named = [...contents].map(
    ([path, content]) => [relative(dirname(file), path).replaceAll(sep, '/'), content] as const,
  );
  for (const [name, content] of named.sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${content.length}\0`).update(content);
  const files = new Map([...contents].map(([path, content]) => [path, sha256(content)]));
  return { files, sha256: hash.digest('hex') };
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** @throws UserError with the line where a file of JavaScript or TypeScript is none */
export async function checkSyntax(file: string): Promise<void> {
  if (isScript(file)) withoutTypes(await readFile(file, 'utf8'), file);
}

function isScript(file: string): boolean {
  return /\.m?[jt]s$/.test(file);
}

async function collect(file: string, contents: Map<string, Buffer>, what: string): Promise<void> {
  if (contents.has(file)) return;
  const content = await readFile(file).catch((error: unknown) => {
    throw new UserError(`${what}: ${file} (${fileProblem(error)})`);
  });
  contents.set(file, content);
  if (!isScript(file)) return;
  const text = content.toString('utf8');
  const source = isTypeScript(file) ? withoutTypes(text, file) : text;
  for (const { specifier, line } of relativeImports(source)) {
    const written = new URL(specifier, pathToFileURL(file));
    const url = isTypeScript(file) ? asTypeScript(written) : written;
    await collect(fileURLToPath(url), contents, `invalid module: ${file}:${line} imports ${specifier}`);
  }
}

/** "rule.js:2 imports lodash, a package that is not installed", where that is why a module of these files has failed. */
export function missingPackage(files: Iterable<string>, error: unknown): string | undefined {
  const [, name] = /^Cannot find package '([^']+)'/.exec(error instanceof Error ? error.message : '') ?? [];
  if (name === undefined) return undefined;
  for (const file of files) {
    if (!isScript(file)) continue;
    const text = readFileSync(file, 'utf8');
    const imports = importsOf(isTypeScript(file) ? withoutTypes(text, file) : text);
    const found = imports.find(({ specifier }) => specifier === name || specifier.startsWith(`${name}/`));
    if (found)
      return `${file}:${found.line} imports ${found.specifier}, a package that is not installed (npm install ${name}, in its folder or one above)`;
  }
  return undefined;
}
