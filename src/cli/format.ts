/** "97.42 %" of a fraction; "-" where there is none. */
export function percent(fraction: number | undefined): string {
  return fraction === undefined ? '-' : `${(100 * fraction).toFixed(2)} %`;
}

/** A number to 4 significant digits. */
export function short(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(4)));
}

/** "8 s", "3 min 20 s", "1 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

const bars = '▁▂▃▄▅▆▇█';

/** A curve in one line of at most `width` characters, from its least to its greatest value. */
export function sparkline(values: readonly number[], width = 60): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return '';
  const count = Math.min(width, finite.length);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low || 1;
  return Array.from({ length: count }, (_, k) => {
    const value = finite[Math.round((k * (finite.length - 1)) / (count - 1))];
    return bars[Math.min(bars.length - 1, Math.floor(((value - low) / range) * bars.length))];
  }).join('');
}
