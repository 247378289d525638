import { spawn } from 'node:child_process';
import { UserError } from '../base/errors.js';

export interface Output {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Show its output on standard error as it comes. */
  show?: boolean;
}

/**
 * Runs a program to its end, whatever its status.
 *
 * @param remedy what to do when there is no such program
 * @throws UserError when it cannot be started
 */
export function run(
  program: string,
  args: readonly string[],
  remedy: string,
  { cwd, env, show }: Options = {},
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        output[stream] += chunk.toString();
        if (show) process.stderr.write(chunk);
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UserError(
          error.code === 'ENOENT'
            ? `missing program: ${program}: ${remedy}`
            : `cannot run ${program}: ${error.message}`,
        ),
      ),
    );
    child.on('close', (status, signal) => resolve({ status, signal, ...output }));
  });
}

/** How a program ended, for an error message: its last words, or its status. */
export function lastWords({ status, signal, stdout, stderr }: Output): string {
  const words = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  return words || (signal ? `it was ended by ${signal}` : `it ended with status ${status}`);
}
