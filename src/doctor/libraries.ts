import { execFile } from 'node:child_process';

/** Names of the libraries that a shared library needs and the loader does not find. Linux only; else none. */
export function missingLibraries(path: string): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('ldd', [path], (_, stdout) => resolve(parseMissing(stdout)));
  });
}

/** Reads ldd's answer. */
export function parseMissing(output: string): string[] {
  return [...output.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name);
}
