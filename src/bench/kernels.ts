import { logSlope } from '../base/statistics/log-slope.js';
import { benchStack, type StackTiming } from './stack.js';

/** Times of every operation, and how they grow. */
export interface KernelsReport {
  timings: StackTiming[];
  growth: Growth[];
}

/** Exponents of the growth of time, 1: linear. Undefined where only one size was timed. */
export interface Growth {
  operation: string;
  /** At the least d. */
  m: number | undefined;
  /** At the least m but one. */
  d: number | undefined;
}

export interface KernelsOptions {
  /** Ascending. */
  workers: readonly number[];
  /** Ascending. The plain version is timed at the first only: it is slow, and linear too. */
  dimensions: readonly number[];
  /** Milliseconds for each operation, size and version. */
  budget: number;
  onBegin: (what: string) => void;
}

/** Times the primitives of a stack of messages and whole rules on one thread. */
export async function benchKernels({
  workers,
  dimensions,
  budget,
  onBegin,
}: KernelsOptions): Promise<KernelsReport> {
  const timings: StackTiming[] = [];
  for (const d of dimensions) {
    for (const m of workers) {
      onBegin(`kernels on ${m} messages of ${d} numbers`);
      timings.push(...(await benchStack(m, d, budget, d === dimensions[0])));
    }
  }
  const operations = new Set(timings.map(({ operation }) => operation));
  const paper = workers[1] ?? workers[0];
  return {
    timings,
    growth: [...operations].map((operation) => {
      const own = timings.filter((timing) => timing.operation === operation);
      const inM = own.filter(({ d }) => d === dimensions[0]);
      const inD = own.filter(({ m }) => m === paper);
      return {
        operation,
        m: growth(inM, 'm'),
        d: growth(inD, 'd'),
      };
    }),
  };
}

/** Of the fastest times of one operation that differ in nothing but m or d. */
function growth(timings: readonly StackTiming[], by: 'm' | 'd'): number | undefined {
  return logSlope(timings.map((timing) => ({ x: timing[by], y: timing.simd.fastest })));
}
