import type * as TF from '@tensorflow/tfjs-core';

/** Sums of integers up to here are exact in float32, in any order. */
const exactBits = 24;

/**
 * Says of each column of an m x n tensor of zeros and ones whether the weights of its ones, whole numbers one a row, add
 * up to more than a threshold below their total. Exact for weights of any size: sums that float32 would round are kept
 * in digits.
 */
export function heavierThan(
  tf: typeof TF,
  weights: readonly bigint[],
  threshold: bigint,
): (ones: TF.Tensor2D) => TF.Tensor {
  const bits = bitsOf(weights.reduce((a, b) => a + b, 0n));
  // Two bits of a digit's sum are left for what is carried from below.
  const digitBits = bits <= exactBits ? bits : exactBits - 2 - bitsOf(BigInt(weights.length));
  const places = Array.from({ length: Math.ceil(bits / digitBits) }, (_, place) => BigInt(place * digitBits));
  const base = 2 ** digitBits;
  const digit = (value: bigint, place: bigint) => Number((value >> place) & (BigInt(base) - 1n));
  return (ones) => {
    let carried: TF.Tensor | undefined;
    let heavier: TF.Tensor | undefined;
    for (const [k, place] of places.entries()) {
      const column = tf.tensor2d(
        weights.map((weight) => digit(weight, place)),
        [weights.length, 1],
      );
      let here: TF.Tensor = tf.sum(tf.mul(ones, column), 0);
      if (carried) here = tf.add(here, carried);
      // Nothing is carried out of the last place.
      if (k + 1 < places.length) {
        carried = tf.floor(tf.div(here, base));
        here = tf.sub(here, tf.mul(carried, base));
      }
      const limit = digit(threshold, place);
      const above = tf.greater(here, limit);
      heavier = heavier ? tf.logicalOr(above, tf.logicalAnd(tf.equal(here, limit), heavier)) : above;
    }
    return heavier!;
  };
}

function bitsOf(value: bigint): number {
  return value.toString(2).length;
}
