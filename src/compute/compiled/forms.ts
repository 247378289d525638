import type { DeviceName } from '../engine.js';

/** Which of several equal ways of writing an operation suits a device. */
export interface Forms {
  /** Convolutions whose filter gradient is not wanted: ONNX's Conv, or a matrix product with patches, as the others. */
  convolution: 'Conv' | 'patches';
  /** Input gradients of convolutions: gradients of patches summed by Col2Im, or a matrix product with patches of dy. */
  inputGradient: 'Col2Im' | 'patches';
  /** Sums and means over other axes than the last ones: ONNX's reductions, or products with rows of ones. */
  sums: 'reduction' | 'product';
  /** A tensor cut in pieces: one Split, or a Slice for each piece. */
  pieces: 'Split' | 'Slice';
}

export const forms: Readonly<Record<DeviceName, Forms>> = {
  cpu: { convolution: 'Conv', inputGradient: 'Col2Im', sums: 'reduction', pieces: 'Split' },
  // No Col2Im; Split binds every piece as a buffer of one shader, and shaders have as few as 8.
  webgpu: { convolution: 'Conv', inputGradient: 'patches', sums: 'reduction', pieces: 'Slice' },
  // No Col2Im. Conv takes the algorithm that was fastest when it was tried, which differs from run to run; reductions
  // over leading axes add with atomic operations. Products are the same bits every time.
  cuda: { convolution: 'patches', inputGradient: 'patches', sums: 'product', pieces: 'Split' },
};
