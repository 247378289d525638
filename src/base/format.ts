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
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
