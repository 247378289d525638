/** Mean and sample deviation (n - 1) over seeds; the deviation of one seed is undefined. */
export interface Spread {
  mean: number;
  deviation: number | undefined;
  seeds: number;
}

/** Mean and sample deviation of at least one value. Equal values have that very mean, and no deviation. */
export function spread(values: readonly number[]): Spread {
  const [origin] = values;
  const mean = origin + values.reduce((sum, value) => sum + (value - origin), 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined;
  return { mean, deviation, seeds: values.length };
}
