/**
 * The exponent p of y ∝ x^p by least squares in logarithms; nothing where there are not two different x, or where a number
 * is not above 0.
 */
export function logSlope(points: readonly { x: number; y: number }[]): number | undefined {
  const all = points.flatMap(({ x, y }) => [x, y]);
  if (!all.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const x = points.map((point) => Math.log(point.x));
  const y = points.map((point) => Math.log(point.y));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const variance = mean(x.map((value) => (value - mx) ** 2));
  return variance > 0 ? mean(x.map((value, k) => (value - mx) * (y[k] - my))) / variance : undefined;
}
