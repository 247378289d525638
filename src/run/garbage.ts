import { setFlagsFromString } from 'node:v8';

/**
 * Has this process look for garbage less often, in all its threads: not before four times as much as it holds was
 * allocated. Node counts the numbers of gradients and models as if they were many small objects, and looks for those, with
 * several threads, after some dozens of gradients: that took a tenth of the CPU time of figure A's run. A run holds some
 * 20 MB of objects, so that this costs up to 80 MB of memory a thread.
 *
 * For programs only: it is not a library's to decide.
 */
export function collectSeldom(): void {
  setFlagsFromString('--heap-growing-percent=400');
}
