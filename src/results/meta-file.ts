import { join } from 'node:path';
import { z } from 'zod';
import type { Mapping } from '../base/mapping.js';
import { schemaVersion, sha256 } from './files.js';
import { readJson, readText } from './reading.js';

/** meta.json: what a run was made from, where and when. Keys that are not here are kept as they are. */
export const metaSchema = z.looseObject({
  schema: z.literal(schemaVersion),
  hash: z.string(),
  seed: z.int().min(0),
  name: z.string().optional(),
  byzsim: z.string().optional(),
  git: z.looseObject({ commit: z.string(), modified: z.boolean().optional() }).optional(),
  node: z.string().optional(),
  platform: z.string().optional(),
  cpu: z.string().optional(),
  cores: z.number().optional(),
  engine: z.looseObject({ backend: z.string() }).optional(),
  dataset_sha256: z.record(z.string(), z.string()).optional(),
  trace_sha256: z.string().optional(),
  links_sha256: z.string().optional(),
  /** Of the modules of the user's own, by their files. */
  modules_sha256: z.record(z.string(), z.string()).optional(),
  /** What the run found out by itself. */
  found: z.record(z.string(), z.unknown()).optional(),
  /** Paths of the keys that the config gave; the others are defaults. Absent in earlier versions. */
  given: z.array(z.string()).optional(),
  /** What each worker has of the training data, where they are split: inputs, and inputs of each label. */
  shards: z
    .array(z.looseObject({ inputs: z.int().min(0), labels: z.array(z.int().min(0)) }))
    .min(1)
    .optional(),
  /** What these labels are called, where the data say so. */
  classes: z.array(z.string()).optional(),
  /** The training inputs that the server kept for itself: so many from the first on. */
  clean_inputs: z.int().min(1).optional(),
  argv: z.array(z.string()).optional(),
  started: z.string().optional(),
  /** Where, when and at which update it went on, each time that it was interrupted. */
  resumed: z.array(z.looseObject({ update: z.int().min(1) })).optional(),
});

export type Meta = Mapping & z.infer<typeof metaSchema>;

/** meta.json of a run folder, or nothing when there is none. @throws DamagedFile, LayoutError */
export function readMeta(folder: string): Meta | undefined {
  return readJson(join(folder, 'meta.json'), metaSchema);
}

/**
 * What tells whether a run folder is as it was: SHA-256 of its meta.json, of whatever layout, in hex. It is another as
 * soon as the run begins anew or goes on. @throws DamagedFile where it cannot be read
 */
export function metaSum(folder: string): string {
  return sha256(readText(join(folder, 'meta.json')) ?? '');
}
