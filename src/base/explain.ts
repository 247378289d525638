import { describeSystemError, isSystemError } from './file-problem.js';
import { ExperimentError, UserError } from './errors.js';
import { placeInModule } from './modules/import.js';

/** What an error of the experiment, the user or the machine says; nothing for one of ours. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof ExperimentError || error instanceof UserError) return error.message;
  const failed = failedModule(error);
  if (failed !== undefined) return failed;
  if (isSystemError(error)) return describeSystemError(error);
  if (error instanceof RangeError && /allocat|(array|buffer|string) length/i.test(error.message))
    return `not enough memory: ${error.message}`;
  return undefined;
}

/** Says which module an error comes from, and where in it; other errors stay as they are. */
export async function placed<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const failed =
      error instanceof ExperimentError || error instanceof UserError ? undefined : failedModule(error);
    throw failed === undefined ? error : new UserError(failed, { cause: error });
  }
}

function failedModule(error: unknown): string | undefined {
  const place = placeInModule(error);
  if (place === undefined) return undefined;
  const { name, message } = error as Error;
  return `failed module: ${place}: ${name}: ${message}`;
}
