import { computeTimes, speeds, type ArrivalConfig, type Speed } from '../simulation/arrivals.js';
import type { Kinds } from './kinds.js';
import type { LoadedFile } from './files.js';
import { show } from '../base/describe.js';
import type { Issue } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import { resolveNamed } from './named.js';
import { parseParameters } from './parameters.js';
import type { Resolved } from './rules.js';
import { nearest } from '../base/suggest.js';
import { checkTrace, parseTrace } from './trace.js';

/** What the bounds of an arrival process depend on; parts that are themselves wrong are absent. */
interface ArrivalContext {
  kinds: Kinds;
  workers?: number;
  updates?: number;
  /** The file that `trace` names. */
  trace?: LoadedFile;
}

/** An arrival process as configs write it: a speed, `{weights}`, `{trace}`, `{compute}`, or a process with parameters. */
export function resolveArrival(value: unknown, context: ArrivalContext): Resolved<ArrivalConfig> {
  if (isMapping(value)) {
    if (valueOf(value, 'trace') !== undefined) return resolveTrace(value, context);
    if (valueOf(value, 'compute') !== undefined) return resolveCompute(value, context);
    return resolveClock(value, context);
  }
  const speed = value ?? 'uniform';
  if (typeof speed === 'string' && Object.hasOwn(speeds, speed)) return resolveClock({ speed }, context);
  return { issues: [{ path: [], message: unknownArrival(speed, context.kinds) }] };
}

function unknownArrival(value: unknown, { clock }: Kinds): string {
  const names = Object.keys(speeds);
  const expected = `${names.join(' | ')}, or a mapping with weights, trace, compute or process`;
  if (typeof value !== 'string') return `invalid arrival: ${show(value)} (expected ${expected})`;
  if (clock.definitions.has(value)) return `unknown arrival: ${value} (write {process: ${value}})`;
  const guess = nearest(value, names);
  return `unknown arrival: ${show(value)} (${guess ? `did you mean ${guess}?` : `expected ${expected}`})`;
}

function resolveTrace(given: Mapping, { workers, updates, trace }: ArrivalContext): Resolved<ArrivalConfig> {
  const beside = Object.keys(given).filter((key) => key !== 'trace' && valueOf(given, key) !== undefined);
  const issues: Issue[] = beside.map((key) => ({
    path: [key],
    message: `invalid key: ${key} (a trace says who arrives when and takes no ${key}; write arrival: {trace: FILE})`,
    atKey: true,
  }));
  const wrong = (message: string) => issues.push({ path: ['trace'], message });
  if (!trace) wrong(`invalid trace: ${show(given.trace)} (expected a file)`);
  else if ('problem' in trace) wrong(trace.problem);
  else if (workers !== undefined && updates !== undefined) {
    const problem = checkTrace(parseTrace(trace.text), trace.file, workers, updates);
    if (problem) wrong(`invalid trace: ${problem}`);
  }
  if (issues.length > 0 || !trace || 'problem' in trace) return { issues };
  return { config: { process: 'trace', file: trace.file }, issues };
}

/** Constant compute times, one a worker. */
function resolveCompute(given: Mapping, { workers }: ArrivalContext): Resolved<ArrivalConfig> {
  const { values, issues } = parseParameters(given, { compute: computeTimes }, 'arrival: {compute}');
  const compute = values.compute as number[] | undefined;
  if (compute && workers !== undefined && compute.length !== workers) {
    const message = `invalid compute: ${compute.length} numbers (expected one per worker, ${workers})`;
    issues.push({ path: ['compute'], message });
  }
  return issues.length > 0 || !compute ? { issues } : { config: { compute }, issues };
}

function resolveClock(given: Mapping, { kinds, workers }: ArrivalContext): Resolved<ArrivalConfig> {
  const { definition, parameters, issues } = resolveNamed(given, kinds.clock, 'exponential');
  if (!definition) return { issues };
  const { weights: listed, ...rest } = parameters;
  const key = valueOf(given, 'weights') === undefined ? 'speed' : 'weights';
  if (key === 'weights' && valueOf(given, 'speed') !== undefined) {
    issues.push({
      path: ['weights'],
      message: 'invalid key: weights (speed is given too; keep one)',
      atKey: true,
    });
  }
  const speed = (listed ?? rest.speed) as Speed;
  if (Array.isArray(speed) && workers !== undefined && speed.length !== workers) {
    issues.push({
      path: [key],
      message: `invalid ${key}: ${speed.length} numbers (expected one per worker, ${workers})`,
    });
  } else if (Array.isArray(speed)) issues.push(...uneven(speed, key));
  if (issues.length > 0) return { issues };
  return { config: { process: definition.name, ...rest, speed } as ArrivalConfig, issues };
}

/** Speeds of which no shares can be computed: their sum is infinite, or a share of it is 0. */
function uneven(speeds: readonly number[], key: string): Issue[] {
  const sum = speeds.reduce((a, b) => a + b, 0);
  if (!Number.isFinite(sum))
    return [
      {
        path: [key],
        message: `invalid ${key}: their sum is infinite (expected relative speeds, such as 1 and 5)`,
      },
    ];
  const slowest = speeds.findIndex((value) => value / sum === 0);
  if (slowest < 0) return [];
  const message = `invalid ${key}[${slowest}]: ${speeds[slowest]} (it is nothing beside the sum of all, ${sum})`;
  return [{ path: [key, slowest], message }];
}
