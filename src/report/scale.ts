import { isFraction } from './labels.js';
import type { CurvePoint } from './summary.js';

/** The y axis of curves. `domain` is in the unit that is drawn: percent for fractions. */
export interface Scale {
  type: 'linear' | 'log';
  domain: [number, number];
}

/** Quantities of this many decades or more are drawn on a logarithmic axis. */
const decades = 2;

/** An axis that shows 0, accuracies apart, and all means and bands; a logarithmic one shows all means. */
export function scaleFor(column: string, points: readonly CurvePoint[]): Scale {
  const unit = isFraction(column) ? 100 : 1;
  const means = points.map(({ mean }) => unit * mean);
  const least = Math.min(...means);
  const greatest = Math.max(...means);
  if (!isFraction(column) && least > 0 && greatest / least >= 10 ** decades) {
    return { type: 'log', domain: [leadingDigit(least, Math.floor), leadingDigit(greatest, Math.ceil)] };
  }
  const low = Math.min(...points.map(({ mean, deviation = 0 }) => unit * (mean - deviation)));
  const high = Math.max(...points.map(({ mean, deviation = 0 }) => unit * (mean + deviation)));
  if (isFraction(column)) return { type: 'linear', domain: percentDomain(low, high) };
  const bottom = low < 0 ? -roundUp(-low) : 0;
  return { type: 'linear', domain: [bottom, low === 0 && high === 0 ? 1 : roundUp(high)] };
}

/** Around values in percent, in round steps: the closer to 100, the finer, for there small differences matter. */
export function percentDomain(low: number, high: number): [number, number] {
  const step = low < 60 ? 20 : low < 90 ? 10 : 5;
  const bottom = Math.max(0, Math.min(Math.floor(low / step) * step, 100 - step));
  return [bottom, Math.max(bottom + step, Math.min(100, Math.ceil(high / step) * step))];
}

/** The next number up of one significant digit or a half of it: 0.23 -> 0.25, 7.1 -> 7.5. */
function roundUp(value: number): number {
  if (value <= 0) return 0;
  const step = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil(value / step) * step;
}

function leadingDigit(value: number, round: (value: number) => number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  return round(value / step) * step;
}
