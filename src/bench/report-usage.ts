import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Preloaded into a process whose file descriptor 3 wants to know, at its end, what it used. */
if (isMainThread) {
  process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));
}
