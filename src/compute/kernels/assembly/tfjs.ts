// Kernels that repair tfjs's WebAssembly backend, working in place on the memory of its tensors (float32, dense,
// row-major, images NHWC). Registered by eager/wasm-kernels.ts, which checks shapes and allocates scratch memory.
export { convFilterGradient, convInputGradient, convolve, convScratch } from './tfjs-convolution';
export { maxPoolGradient } from './tfjs-pooling';
export { matMul, panelBytes } from './tfjs-products';
export { sumRows } from './tfjs-sums';
