import { lastWords, type Output } from './command.js';

/** Why a Node process failed: the message of the error that ended it, or else its last words. */
export function reasonOf(output: Output): string {
  return /^\w*Error(?: \[\w+\])?: (.*)$/m.exec(output.stderr)?.[1] ?? lastWords(output);
}
