import seedrandom from 'seedrandom';

/** Uniform draws in [0, 1). */
export type Random = () => number;

/**
 * The random stream of one purpose in one run. Streams of different purposes are independent, so that drawing more
 * from one never moves another: changing the attack does not change who arrives when.
 */
export function randomStream(seed: number, purpose: string): Random {
  const generator = seedrandom.xor4096(`${seed}/${purpose}`);
  return () => generator.double();
}
