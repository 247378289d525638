import * as tf from '@tensorflow/tfjs-core';

/**
 * Sizes, strides and padding of a convolution, from the attributes of its tfjs kernel.
 *
 * @param kernel names the kernel in errors
 * @param inputShape of the images, NHWC
 * @param filterShape [height, width, input channels, output channels]
 * @throws Error when the images are not NHWC or the filter is dilated
 */
export function convolutionGeometry(
  kernel: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
): tf.backend_util.Conv2DInfo {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes as unknown as tf.Conv2DAttrs;
  if (dataFormat !== 'NHWC') throw new Error(`${kernel}: images must be NHWC, not ${dataFormat}`);
  if (dilations !== undefined && !tf.backend_util.tupleValuesAreOne(dilations))
    throw new Error(`${kernel}: no dilations`);
  return tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}
