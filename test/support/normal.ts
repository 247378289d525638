/** Uniform draws in [0, 1) from a small linear congruential generator (Numerical Recipes). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (1664525 * state + 1013904223) % 4294967296) / 4294967296;
}

/** A standard normal draw. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** n x d standard normal numbers. */
export function normalRows(n: number, d: number, seed: number): number[][] {
  const random = generator(seed);
  return Array.from({ length: n }, () => Array.from({ length: d }, () => normal(random)));
}
