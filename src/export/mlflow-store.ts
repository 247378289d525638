import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { UserError } from '../base/errors.js';
import { makeFolder, writeWhole } from '../results/files.js';
import type { MlflowRun } from './mlflow-run.js';

/**
 * Writes runs to a file store of MLflow (mlruns/): a folder an experiment, in it one a run, with a file each for its
 * metrics, parameters and tags. A run that is there already is replaced.
 */
export function writeMlflowStore(folder: string, runs: readonly MlflowRun[]): void {
  makeFolder(folder);
  if (!existsSync(join(folder, '.trash'))) makeFolder(join(folder, '.trash'));
  for (const run of runs) {
    const experiment = experimentIn(folder, run);
    writeRun(join(experiment.path, run.id), experiment.id, run);
  }
}

/** An id that MLflow may have given: 18 digits. */
function idOf(name: string): string {
  const number = createHash('sha256').update(name).digest().readBigUInt64BE(0) % 10n ** 18n;
  return String(number).padStart(18, '1');
}

function experimentIn(folder: string, { experiment: name, start }: MlflowRun): { id: string; path: string } {
  const id = idOf(name);
  const path = join(folder, id);
  if (existsSync(join(path, 'meta.yaml'))) return { id, path };
  makeFolder(path);
  write(path, 'meta.yaml', {
    artifact_location: urlOf(path),
    creation_time: start,
    experiment_id: id,
    last_update_time: start,
    lifecycle_stage: 'active',
    name,
  });
  return { id, path };
}

function writeRun(path: string, experiment: string, run: MlflowRun): void {
  requireOurs(path);
  rmSync(path, { recursive: true, force: true });
  for (const name of ['artifacts', 'metrics', 'params', 'tags']) makeFolder(join(path, name));
  for (const [key, points] of run.metrics)
    writeWhole(
      join(path, 'metrics', key),
      points.map(({ timestamp, value, step }) => `${timestamp} ${mlflowNumber(value)} ${step}\n`).join(''),
    );
  for (const [key, value] of Object.entries(run.parameters)) writeWhole(join(path, 'params', key), value);
  for (const [key, value] of Object.entries(run.tags)) writeWhole(join(path, 'tags', key), value);
  write(path, 'meta.yaml', {
    artifact_uri: `${urlOf(path)}/artifacts`,
    end_time: run.end,
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: 'active',
    run_id: run.id,
    run_name: run.name,
    run_uuid: run.id,
    source_name: '',
    source_type: 4,
    source_version: '',
    start_time: run.start,
    status: run.status === 'FINISHED' ? 3 : 4,
    tags: [],
    user_id: 'byzsim',
  });
}

/** @throws UserError where a folder of that name is there that is no run of MLflow */
function requireOurs(path: string): void {
  if (existsSync(path) && readdirSync(path).length > 0 && !existsSync(join(path, 'meta.yaml')))
    throw new UserError(`cannot write ${path}: it is there and is no run of MLflow`);
}

/** As Python reads numbers. */
function mlflowNumber(value: number): string {
  return Number.isFinite(value)
    ? String(value)
    : String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
}

function write(folder: string, name: string, value: object): void {
  writeWhole(join(folder, name), stringify(value));
}

function urlOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}
