import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a script of scripts/ as npm does. */
export function runScript(
  name: string,
  args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const path = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', path, ...args], (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}
