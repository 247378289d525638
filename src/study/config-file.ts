import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Mapping } from '../base/mapping.js';
import { DamagedFile, parseText, readText, validate } from '../results/reading.js';

/** What is asked of a resolved config that was written, by this version or another; its hash vouches for the rest. */
const experimentSchema = z.looseObject({
  name: z.string(),
  updates: z.int().min(1),
  evaluate: z.looseObject({ every: z.int().min(1) }),
  aggregator: z.looseObject({ rule: z.string(), meta: z.array(z.looseObject({ rule: z.string() })) }),
});

const runSchema = experimentSchema.extend({ seeds: z.tuple([z.int().min(0)]) });

export type WrittenConfig = Mapping & z.infer<typeof experimentSchema>;
export type RunConfig = Mapping & z.infer<typeof runSchema>;

/** More brackets, or marks of sequences and mappings, in each other than any config has. */
const deep = /(?:[[{][^[\]{}]*){64}|(?:[-?:] +){64}/;

/** The text of a run folder's config.yaml, or nothing when there is none. @throws DamagedFile */
export function readConfigText(folder: string): string | undefined {
  return readText(configFile(folder));
}

/** The config of one run. @throws DamagedFile */
export function parseRunConfig(folder: string, text: string): RunConfig {
  const file = configFile(folder);
  if (!text.endsWith('\n')) throw new DamagedFile(file, 'its last line is cut short');
  // The parser is recursive, and a process out of stack may end without a word.
  if (deep.test(text)) throw new DamagedFile(file, 'it is nested without end');
  return validate(
    file,
    parseText(file, text, (yaml) => parse(yaml, { logLevel: 'error' }) as unknown),
    runSchema,
  );
}

/** A config as study.json has it. @throws DamagedFile */
export function parseStudyConfig(file: string, value: unknown): WrittenConfig {
  return validate(file, value, experimentSchema);
}

function configFile(folder: string): string {
  return join(folder, 'config.yaml');
}
