/** What `byzsim bench` measures. */
export const benchmarks = ['kernels', 'engines', 'runs'] as const;
export type Benchmark = (typeof benchmarks)[number];
