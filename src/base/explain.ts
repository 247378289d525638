import { describeSystemError, isSystemError } from './file-problem.js';
import { ExperimentError, UserError } from './errors.js';
import { placeInModule } from './modules/import.js';

/** What an error of the experiment, the user or the machine says; nothing for one of ours. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof ExperimentError || error instanceof UserError) return error.message;
  const place = placeInModule(error);
  if (place !== undefined) {
    const { name, message } = error as Error;
    return `failed module: ${place}: ${name}: ${message}`;
  }
  if (isSystemError(error)) return describeSystemError(error);
  if (error instanceof RangeError && /allocat|(array|buffer|string) length/i.test(error.message))
    return `not enough memory: ${error.message}`;
  return undefined;
}
