import { readFile } from 'node:fs/promises';
import { UserError } from '../../base/errors.js';

/**
 * The kernels of assembly/stack.ts. Addresses are in bytes, lengths in float32 (a multiple of 16), `rows` is the
 * address of a table of row addresses (u32), scratch and tables are 16-byte aligned.
 */
export interface StackKernels {
  combine(
    rows: number,
    coefficients: number,
    count: number,
    eights: number,
    scratch: number,
    out: number,
    from: number,
    to: number,
  ): void;
  moments(
    rows: number,
    weights: number,
    count: number,
    total: number,
    divisor: number,
    mean: number,
    deviation: number,
    length: number,
  ): void;
  squaredDistances(rows: number, count: number, vector: number, out: number, length: number): void;
  squaredNorms(rows: number, count: number, out: number, length: number): void;
  isFinite(vector: number, length: number): number;
  weightedMedian(
    rows: number,
    weights: number,
    count: number,
    wide: boolean,
    threshold: bigint,
    first: number,
    last: number,
    scratch: number,
    out: number,
    length: number,
  ): void;
  sortedMean(
    rows: number,
    count: number,
    first: number,
    last: number,
    scratch: number,
    out: number,
    length: number,
  ): void;
  meanAroundMedian(
    rows: number,
    count: number,
    keep: number,
    lower: number,
    upper: number,
    scratch: number,
    out: number,
    length: number,
  ): void;
  begin(order: number, length: number, dimension: number): void;
  shift(order: number, length: number, capacity: number, vector: number, weight: number): void;
  settle(
    order: number,
    length: number,
    capacity: number,
    threshold: number,
    rows: number,
    weights: number,
    count: number,
    scratch: number,
    out: number,
  ): number;
}

/** Bytes of every row that the kernels work on before the next ones, so that rows stay in the cache. */
export const blockBytes = 4096;

/** Scratch that kernels need for a stack of m rows, in bytes. */
export const scratchBytes = {
  combine: 2 * blockBytes,
  /** 64 float32 of every row. */
  sorted: (m: number) => 256 * m,
};

const file = new URL('../../../dist/kernels/stack.wasm', import.meta.url);
let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiled once a process. */
export function compileStackKernels(): Promise<WebAssembly.Module> {
  return (compiled ??= compile());
}

async function compile(): Promise<WebAssembly.Module> {
  const bytes = await readFile(file).catch(() => {
    throw new UserError('missing kernels: dist/kernels/stack.wasm (npm run build makes it)');
  });
  return WebAssembly.compile(bytes);
}

/** Kernels that work in place on `memory`, a shared memory. */
export function stackKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): StackKernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as StackKernels;
}
