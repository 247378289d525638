/** What `byzsim bench` measures. */
export const benchmarks = ['kernels', 'rules', 'engines', 'runs', 'checkpoints'] as const;
export type Benchmark = (typeof benchmarks)[number];

/** What `runs` plays out in each mode, from configs/: 17 workers, 8 of them Byzantine, under sign-flip. */
export const benchConfigs = { async: 'mnist-signflip', sync: 'mnist-sync' } as const;
export type BenchMode = keyof typeof benchConfigs;
export const benchModes = Object.keys(benchConfigs) as BenchMode[];
