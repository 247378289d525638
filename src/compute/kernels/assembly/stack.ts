// Kernels of the host stack. Rows come as a table of addresses (u32 each); every row, and every vector written, is a
// multiple of 16 float32 long, 16-byte aligned, its padding zero. Lengths count float32. Memory is never grown here.
export { combine, moments } from './stack-sums';
export { isFinite, squaredDistances, squaredNorms } from './stack-products';
export { begin, settle, shift } from './stack-running-median';
export { meanAroundMedian, sortedMean, weightedMedian } from './stack-order';
