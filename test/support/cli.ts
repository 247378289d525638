import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));

export interface CliResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  input?: string;
  cwd?: string;
  env?: Record<string, string>;
  /** Called with the process's id, for those that send it signals. */
  onStart?: (pid: number) => void;
  /** Called with the standard error so far whenever it grows; sends a signal by returning one. */
  onStderr?: (stderr: string) => NodeJS.Signals | undefined;
}

/** Runs the command line in this process and a folder: the same, but for what a process of its own takes. */
export async function inProcess(args: readonly string[], folder: string): Promise<CliResult> {
  const { main } = await import('../../src/cli/main.js');
  const before = process.cwd();
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  const listeners = process.stdout.listeners('error');
  process.exitCode = 0;
  process.chdir(folder);
  try {
    await main([process.execPath, 'byzsim', ...args]);
    return { status: Number(process.exitCode), signal: null, ...written };
  } finally {
    process.chdir(before);
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
    for (const listener of process.stdout.listeners('error'))
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
  }
}

/** Runs the built `byzsim` as a user would, without a terminal. */
export function byzsim(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binary, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: 'pipe',
    });
    options.onStart?.(child.pid!);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      const signal = options.onStderr?.(stderr);
      if (signal) child.kill(signal);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}
