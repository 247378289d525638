import { tickStep, ticks } from 'd3-array';
import { format, precisionFixed } from 'd3-format';
import { textWidth } from './font.js';
import { fontSize } from './theme.js';

/** Pixels between the labels of a horizontal axis. */
const labelGap = 6;

/** Powers of ten from tick to tick; doubles have 630. */
const strides = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** As many as that at most, if there is room. */
const mostTicks = 5;

/** Where an axis has ticks, and what is written there: no two labels are the same. */
export interface Ticks {
  values: number[];
  labels: string[];
}

/** About `count` round numbers of a linear axis. */
export function linearTicks([low, high]: readonly [number, number], count: number): Ticks {
  const values = ticks(low, high, count);
  const greatest = Math.max(-low, high);
  const grouped = greatest < 1e4 ? '' : ',';
  const fixed = format(`${grouped}.${precisionFixed(tickStep(low, high, count))}f`);
  const short = greatest < 1e-3 || greatest >= 1e12 ? '~e' : greatest >= 1e6 ? '~s' : undefined;
  return { values, labels: distinct(values, short === undefined ? [fixed] : [format(short), fixed]) };
}

/** Ticks of a logarithmic axis: powers of ten, fewer than all if they are many, and round numbers between if few. */
export function logTicks([low, high]: readonly [number, number], count: number): Ticks {
  const decades = Math.log10(high) - Math.log10(low);
  const stride = strides.find((one) => one * 1.5 * count >= decades)!;
  const [mantissas] = [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].filter(
    ({ length }) => length === 1 || length * decades <= count,
  );
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    if (power % stride !== 0) continue;
    for (const mantissa of mantissas) values.push(Number(`${mantissa}e${power}`));
  }
  const within = values.filter((value) => low <= value && value <= high);
  if (within.length < 2) return linearTicks([low, high], count);
  return { values: within, labels: distinct(within, [plain]) };
}

/** 0.02, 5000, 3e+7 */
function plain(value: number): string {
  return format(value < 1e-3 || value >= 1e4 ? '~e' : '~r')(value);
}

/** In the first of the formats that tells all values apart, or else in full. */
function distinct(values: readonly number[], formats: readonly ((value: number) => string)[]): string[] {
  const candidates = formats.map((write) => values.map((value) => (value === 0 ? '0' : write(value))));
  return candidates.find((labels) => new Set(labels).size === labels.length) ?? values.map(String);
}

/** Ticks of a horizontal axis from 0 to `end`, so many that there is space between their labels on `width` pixels. */
export function spacedTicks(end: number, width: number, integer: boolean): Ticks {
  const most = integer ? Math.min(mostTicks, Math.max(1, Math.floor(end))) : mostTicks;
  for (let count = most; count > 1; count--) {
    const { values, labels } = linearTicks([0, end], count);
    const widths = labels.map((label) => textWidth(label, fontSize));
    const room = (width * (values[1] - values[0])) / end;
    if (widths.every((one) => one + labelGap <= room)) return { values, labels };
  }
  return linearTicks([0, end], 1);
}
