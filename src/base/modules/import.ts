import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError } from '../errors.js';

/** The compiled hooks, found from src/ (tests) as from dist/: Node 20 loads them in a thread of its own. */
const hooks = new URL('../../../dist/base/modules/hooks.js', import.meta.url);

/** Names of modules of a user's own end with one of these. */
const extensions = ['.js', '.mjs', '.ts', '.mts'];

/** What a module of the user's own exports as its default, and the SHA-256 of its sources. */
export interface Imported {
  value: unknown;
  sha256: string;
}

/** SHA-256 of the files of modules, by path, as they were when they were imported: a process imports each once. */
const own = new Map<string, string>();
let prepared: Promise<void> | undefined;

/**
 * Runs a module of the user's own: .js, .mjs, .ts or .mts, wherever it lies.
 *
 * @param file absolute
 * @throws UserError with file and line where it throws, or cannot be read as a module; and where it was imported before
 *   and has changed since
 */
export async function importModule(file: string): Promise<Imported> {
  if (!extensions.some((extension) => file.endsWith(extension)))
    throw new UserError(`invalid module: ${file} (expected a file that ends with ${extensions.join(', ')})`);
  // What reads them is large, and few configs name any.
  const { readSources } = await import('./sources.js');
  const { files, sha256 } = await readSources(file);
  for (const [each, sum] of files) {
    if ((own.get(each) ?? sum) !== sum)
      throw new UserError(
        `changed module: ${each} is not as it was when it was imported; start the program again`,
      );
    own.set(each, sum);
  }
  await (prepared ??= prepare());
  try {
    const { default: value } = await watched<{ default?: unknown }>(() => import(pathToFileURL(file).href));
    return { value, sha256 };
  } catch (error) {
    // Node prints where a syntax error is, and does not say it.
    const { checkSyntax, missingPackage } = await import('./sources.js');
    const { isTypeScript } = await import('./syntax.js');
    if (error instanceof SyntaxError) for (const each of files.keys()) await checkSyntax(each);
    const failure = missingPackage(files.keys(), error) ?? describeFailure(error, file);
    const hint =
      isTypeScript(file) && failure.includes('does not provide an export')
        ? ' (if it is a type: import { type ... })'
        : failure.includes("Cannot find module 'byzsim'")
          ? ' (write import { ... } from, in place of require)'
          : '';
    throw new UserError(`invalid module: ${failure}${hint}`);
  }
}

/** How many modules are being imported, and what process.exit is when none is. */
let underWay = 0;
let exit: typeof process.exit;

/** Imports what might end the program, or wait for what never comes: both would end it without a word. */
async function watched<T>(load: () => Promise<T>): Promise<T> {
  // Several may be imported at once: the last of them to end puts it back.
  if (underWay++ === 0) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back as it was
    exit = process.exit;
    process.exit = (code) => {
      throw new Error(`it ends the program, by process.exit(${code ?? ''})`);
    };
  }
  let isIdle = () => {};
  const idle = new Promise<never>((_, reject) => {
    isIdle = () => reject(new Error('it waits for something that never happens (await)'));
  });
  // Nothing is left to be done, and the module is not there yet.
  process.once('beforeExit', isIdle);
  try {
    return await Promise.race([load(), idle]);
  } finally {
    process.off('beforeExit', isIdle);
    if (--underWay === 0) process.exit = exit;
  }
}

/** The place in a module of the user's own where an error comes from: "/home/ada/rule.js:12:7"; nothing for others. */
export function placeInModule(error: unknown): string | undefined {
  if (own.size === 0 || !(error instanceof Error)) return undefined;
  for (const line of error.stack?.split('\n') ?? []) {
    const [, frame, position] = /(?:^|\s|\()((?:file:|\/|[A-Z]:)\S+?):(\d+(?::\d+)?)\)?$/.exec(line) ?? [];
    if (frame === undefined) continue;
    const file = frame.startsWith('file:') ? fileURLToPath(frame) : frame;
    if (own.has(file)) return `${file}:${position}`;
  }
  return undefined;
}

function describeFailure(error: unknown, file: string): string {
  const { name, message } = error instanceof Error ? error : { name: 'it threw', message: String(error) };
  const [sentence] = message.split('\n');
  return `${placeInModule(error) ?? file}: ${name}: ${sentence}`;
}

async function prepare(): Promise<void> {
  // From Node 22.15 on hooks run beside the code; those in a thread of their own are to go.
  if ('registerHooks' in nodeModule)
    (nodeModule.registerHooks as (hooks: unknown) => void)(await import(hooks.href));
  else nodeModule.register(hooks.href);
}
