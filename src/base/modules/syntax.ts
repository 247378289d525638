import { extname } from 'node:path';
import swc from '@swc/wasm-typescript';
import { init, parse } from 'es-module-lexer';
import { UserError } from '../errors.js';

await init();

export function isTypeScript(file: string): boolean {
  return ['.ts', '.mts'].includes(extname(file));
}

/**
 * TypeScript as JavaScript: blanks stand where types stood, so that lines and columns are those of the file.
 *
 * @throws UserError where it is no TypeScript, or has more than types (enums, namespaces)
 */
export function withoutTypes(source: string, file: string): string {
  try {
    return swc.transformSync(source, { mode: 'strip-only', module: true, filename: file }).code;
  } catch (error) {
    const { message, startLine, startColumn } = error as Partial<{
      message: string;
      startLine: number;
      startColumn: number;
    }>;
    const place = startLine === undefined ? file : `${file}:${startLine}:${startColumn! + 1}`;
    throw new UserError(`invalid module: ${place}: ${message ?? String(error)}`);
  }
}

/** What a module imports, and on which line; nothing of text that is no JavaScript. */
export function importsOf(source: string): { specifier: string; line: number }[] {
  return (lexed(source)?.[0] ?? []).flatMap((each) => {
    if (each.type === 'import-meta' || (each.type === 'dynamic' && each.glob)) return [];
    const { specifier, start } = each;
    return specifier === undefined ? [] : [{ specifier, line: source.slice(0, start).split('\n').length }];
  });
}

/** Those of importsOf that name a path from the module's own folder. */
export function relativeImports(source: string): { specifier: string; line: number }[] {
  return importsOf(source).filter(({ specifier }) => /^\.\.?\//.test(specifier));
}

/** Whether text has `import` or `export`. */
export function hasModuleSyntax(source: string): boolean {
  return lexed(source)?.[3] ?? false;
}

function lexed(source: string): ReturnType<typeof parse> | undefined {
  try {
    return parse(source);
  } catch {
    return undefined; // the import says what is wrong, and where
  }
}
