import { existsSync, readFileSync } from 'node:fs';
import { createRequire, type LoadHookContext, type ResolveHookContext } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hasModuleSyntax, isTypeScript, withoutTypes } from './syntax.js';

/**
 * How Node finds and reads modules of a user's own, wherever they lie: `byzsim` is the one that runs, TypeScript loses its
 * types, and a .js file with `import` or `export` in it is a module, whatever a package.json says: it can be nothing else.
 */

const library = pathToFileURL(createRequire(import.meta.url).resolve('byzsim')).href;

/** Hooks are called with promises in a thread of their own (Node 20), and without them beside the code (later ones). */
type Next<C, R> = (given: string, context: C) => R | Promise<R>;

interface Resolved {
  url: string;
  shortCircuit?: boolean;
}

interface Loaded {
  format: string | null | undefined;
  source?: unknown;
  shortCircuit?: boolean;
}

export function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: Next<ResolveHookContext, Resolved>,
): Resolved | Promise<Resolved> {
  if (specifier === 'byzsim') return { url: library, shortCircuit: true };
  const { parentURL } = context;
  const written = parentURL !== undefined && isOwn(parentURL) && /^\.\.?\/.*\.m?js$/.test(specifier);
  if (!written || !isTypeScript(fileURLToPath(parentURL))) return next(specifier, context);
  return { url: asTypeScript(new URL(specifier, parentURL)).href, shortCircuit: true };
}

export function load(
  url: string,
  context: LoadHookContext,
  next: Next<LoadHookContext, Loaded>,
): Loaded | Promise<Loaded> {
  if (!isOwn(url)) return next(url, context);
  const file = fileURLToPath(url);
  if (isTypeScript(file)) return module(withoutTypes(readFileSync(file, 'utf8'), file));
  if (!file.endsWith('.js') || context.format === 'module') return next(url, context);
  const source = readFileSync(file, 'utf8');
  return hasModuleSyntax(source) ? module(source) : next(url, context);
}

/** TypeScript has files import x.js where x.ts lies. */
export function asTypeScript(url: URL): URL {
  const other = new URL(url.href.replace(/\.(m?)js$/, '.$1ts'));
  return !existsSync(url) && existsSync(other) ? other : url;
}

function isOwn(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/');
}

function module(source: string): Loaded {
  return { format: 'module', source, shortCircuit: true };
}
