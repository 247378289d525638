import type { Dataset } from './dataset.js';

/**
 * Mean and deviation of each channel of images, of bytes divided by 255; a channel that never changes gets deviation 1.
 * From counts of the 256 bytes, so that the order of images does not matter.
 *
 * @param pixels NHWC
 */
export function pixelMoments(pixels: Uint8Array, channels: number): NonNullable<Dataset['normalisation']> {
  const counts = Array.from({ length: channels }, (_, channel) => {
    const count = new Float64Array(256);
    for (let k = channel; k < pixels.length; k += channels) count[pixels[k]]++;
    return count;
  });
  const moments = counts.map((count) => {
    const total = pixels.length / channels;
    const sum = (of: (byte: number) => number) =>
      count.reduce((terms, times, byte) => terms + times * of(byte), 0) / total;
    const mean = sum((byte) => byte / 255);
    return { mean, deviation: Math.sqrt(sum((byte) => (byte / 255 - mean) ** 2)) || 1 };
  });
  return {
    mean: moments.map(({ mean }) => mean),
    deviation: moments.map(({ deviation }) => deviation),
  };
}
