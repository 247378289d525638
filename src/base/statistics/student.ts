/**
 * P(|T| >= |t|) for Student's t with ν degrees of freedom, ν > 0 and not necessarily an integer: the regularised
 * incomplete beta function I at ν / (ν + t²), with a = ν/2 and b = 1/2 (Abramowitz & Stegun, 26.7.1). To 1e-12 relative
 * for ν up to some thousands.
 */
export function twoSidedP(t: number, degrees: number): number {
  if (t === 0) return 1;
  const square = t * t;
  if (!Number.isFinite(square)) return 0;
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
}

/** The t > 0 that |T| exceeds with probability p in (0, 1), degrees > 0: `twoSidedP` inverted by bisection. */
export function criticalT(p: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (twoSidedP(high, degrees) > p) [low, high] = [high, 2 * high];
  while (high - low > 1e-12 * high) {
    const middle = low + (high - low) / 2;
    if (twoSidedP(middle, degrees) > p) low = middle;
    else high = middle;
  }
  return high;
}

/** I_x(a, b) for x in (0, 1); `y` is 1 - x, given apart because the difference loses digits where x is near 1. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  // The fraction converges fast to the left of the mean; to its right, the other tail does (A&S 26.5.2).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(y, x, b, a);
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  return (Math.exp(a * Math.log(x) + b * Math.log(y) - logBeta) / a) * betaFraction(x, a, b);
}

/** The continued fraction of the incomplete beta function (A&S 26.5.8), from the front, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300; // stands for a zero denominator
  let denominator = 0;
  let numerator = 1;
  let value = 1;
  for (let k = 1; k < 100_000; k++) {
    const m = k >> 1;
    const coefficient =
      k % 2 === 0
        ? (m * (b - m) * x) / ((a + k - 1) * (a + k))
        : (-(a + m) * (a + b + m) * x) / ((a + k - 1) * (a + k));
    denominator = 1 / (1 + coefficient * denominator || tiny);
    numerator = 1 + coefficient / numerator || tiny;
    const step = denominator * numerator;
    value *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return 1 / value;
}

/** ln Γ(x), x > 0: Stirling's series (A&S 6.1.41), after moving x to where five terms are exact. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z++) shift += Math.log(z);
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
