import { z } from 'zod';
import { isTimeLimit, timeFormats } from './time.js';

/** Options that the script has of its own: what they are, the tasks rest on. */
const own = ['array', 'output', 'error', 'requeue', 'open-mode', 'chdir', 'wrap', 'export'];

/** Options whose value is a limit of time. */
const limits = ['time', 'time-min'];

const word = z
  .union(
    [z.string(), z.number(), z.literal(true)],
    'expected text, a number, or true for an option without a value',
  )
  .refine((value) => !/[\n\r]/.test(String(value)), 'expected one line');

/** `slurm` of a sweep file: options of sbatch by their long names, and lines of shell that run before byzsim. */
export const slurmSchema = z
  .object(
    { setup: z.array(z.string(), 'expected a list of lines of shell').default([]) },
    'expected a mapping',
  )
  .catchall(word)
  .superRefine((keys, context) => {
    for (const [key, value] of Object.entries(keys)) {
      if (!/^[a-z][a-z0-9-]*$/.test(key))
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'expected the long name of an option of sbatch',
        });
      if (own.includes(key))
        context.addIssue({ code: 'custom', path: [key], message: 'byzsim sets it (leave it out)' });
      if (limits.includes(key) && !isTimeLimit(String(value)))
        context.addIssue({ code: 'custom', path: [key], message: `expected ${timeFormats}` });
    }
  });

/** Of an option of sbatch; true: it takes none. */
export type SlurmValue = z.infer<typeof word>;
export type SlurmKeys = z.infer<typeof slurmSchema>;
