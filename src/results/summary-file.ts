import { join } from 'node:path';
import { z } from 'zod';
import { schemaVersion } from './files.js';
import { readJson } from './reading.js';
import { endStatuses, type RunSummary } from './run-folder.js';

/** JSON has no word for what is not finite: it was written as null. */
const row = z.record(
  z.string(),
  z
    .number()
    .nullable()
    .transform((value) => value ?? NaN),
);

/** summary.json of a run without its path. Keys that are not here are kept as they are. */
export const summarySchema = z.looseObject({
  schema: z.literal(schemaVersion),
  status: z.enum(endStatuses),
  message: z.string().optional(),
  stopped_in: z.int().min(1).optional(),
  name: z.string(),
  slug: z.string(),
  hash: z.string(),
  hash8: z.string(),
  seed: z.int().min(0),
  final: row,
  best: row,
  byzantine_weight: z
    .looseObject({ lambda: z.number(), exceeded: z.int(), of: z.int(), largest: z.number() })
    .optional(),
  updates: z.int().min(1),
  wall_seconds: z.number().min(0),
  backend: z.string(),
  files_sha256: z.record(z.string(), z.string()).optional(),
});

const fileSchema: z.ZodType<RunSummary> = summarySchema.extend({ path: z.string() });

/**
 * The summary of a finished run, or nothing when there is none.
 * @throws DamagedFile, LayoutError
 */
export function readSummary(folder: string): RunSummary | undefined {
  return readJson(join(folder, 'summary.json'), fileSchema);
}
