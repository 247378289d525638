import { fileProblem } from '../base/file-problem.js';
import { leave } from './leave.js';

let watched = false;
/** Why standard output takes nothing any more. */
let failure: NodeJS.ErrnoException | undefined;
let outlived = false;

/**
 * Standard output may lose its reader (`byzsim list | head`), which is no error of ours, or run out of space, which is
 * one: exit status 2. Either ends the command, unless it outlives its output. Standard error may fail unheard.
 */
export function watchStreams(): void {
  if (watched) return;
  watched = true;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (failure) return;
    failure = error;
    const lost = error.code === 'EPIPE';
    if (!lost) {
      process.stderr.write(`byzsim: cannot write to standard output: ${fileProblem(error)}\n`);
      process.on('exit', () => (process.exitCode = 2));
    }
    if (!outlived) leave(lost ? (process.exitCode ?? 0) : 2);
  });
}

/** For commands whose results go to files: from here on they go on to their end, whoever reads what they print. */
export function outliveOutput(): void {
  outlived = true;
}
