import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../base/version.js';
import type { ComputeDescription } from '../compute/compute.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a result depends on besides its config: for meta.json. */
export function provenance(engine: ComputeDescription, checksums: Readonly<Record<string, string>>) {
  return {
    byzsim: packageVersion(),
    git: gitState(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    engine,
    dataset_sha256: checksums,
    argv: process.argv.slice(2),
    started: new Date().toISOString(),
  };
}

/** Commit of the source, when it runs from a checkout. */
function gitState(): { commit: string; modified: boolean } | undefined {
  if (!existsSync(join(root, '.git'))) return undefined;
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return {
      commit: git('rev-parse', 'HEAD'),
      modified: git('status', '--porcelain', '--untracked-files=no') !== '',
    };
  } catch {
    return undefined;
  }
}
