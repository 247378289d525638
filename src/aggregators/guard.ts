import { ExperimentError } from '../base/errors.js';

/**
 * The rows a rule may see: a message that is not finite is Byzantine by definition and is left out with its weight.
 * With f > 0 at least n - f rows must be left, else at least one.
 *
 * @param workers whose the messages are, 0-based
 * @throws ExperimentError naming the workers (1-based) when fewer are left
 */
export function finiteRows(
  finite: readonly boolean[],
  f: number,
  workers: readonly number[] = finite.map((_, i) => i),
): number[] {
  const rows = finite.flatMap((isFinite, i) => (isFinite ? [i] : []));
  const n = finite.length;
  if (rows.length >= Math.max(1, f > 0 ? n - f : 1)) return rows;

  const ids = finite.flatMap((isFinite, i) => (isFinite ? [] : [workers[i] + 1]));
  const who =
    ids.length > 1
      ? `workers ${listed(ids)} sent messages that are`
      : `worker ${ids[0]} sent a message that is`;
  throw new ExperimentError(
    `too few finite messages: ${who} not finite, but at most f = ${f} of n = ${n} may be Byzantine`,
  );
}

/** "3, 5 and 7" */
function listed(ids: readonly number[]): string {
  return ids.length > 1 ? `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}` : String(ids[0]);
}
