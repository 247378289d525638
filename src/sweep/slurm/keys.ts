import { z } from 'zod';

/** Options that the script has of its own: what they are, the tasks rest on. */
const own = ['array', 'output', 'error', 'requeue', 'open-mode', 'chdir', 'wrap', 'export'];

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
    for (const key of Object.keys(keys)) {
      if (!/^[a-z][a-z0-9-]*$/.test(key))
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'expected the long name of an option of sbatch',
        });
      if (own.includes(key))
        context.addIssue({ code: 'custom', path: [key], message: 'byzsim sets it (leave it out)' });
    }
  });

/** Of an option of sbatch; true: it takes none. */
export type SlurmValue = z.infer<typeof word>;
export type SlurmKeys = z.infer<typeof slurmSchema>;
