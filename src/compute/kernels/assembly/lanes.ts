// Two float32 as two float64 lanes, and back. Sums are kept in float64: products of two float32 are exact there.

/** The two float32 at `address`. */
export function load2(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/** Rounds two float64 lanes to float32 at `address`. */
export function store2(address: usize, value: v128): void {
  v128.store64_lane(address, f32x4.demote_f64x2_zero(value), 0);
}

/** Rounds four float64 to float32 at `address`. */
export function store4(address: usize, first: v128, last: v128): void {
  v128.store(address, v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(last), 0, 2));
}

/** The first two of four float32, in float64. */
export function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The last two of four float32, in float64. */
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** The sum of both lanes. */
export function total(value: v128): f64 {
  return f64x2.extract_lane(value, 0) + f64x2.extract_lane(value, 1);
}

/** The address of row `index` in a table of row addresses. */
export function row(rows: usize, index: i32): usize {
  return load<u32>(rows + ((<usize>index) << 2));
}

/**
 * Bytes of every row that are worked on before the next ones: 65 rows of them fit the second-level cache, and are long
 * enough for the processor to prefetch.
 */
export const block: usize = 4096;

/** Rows side by side that a processor prefetches by itself: 32 streams on Intel's, some of them taken. */
const streams: i32 = 24;

/**
 * Brings the bytes from..from+bytes of many rows near, one row after another, before kernels go through them side by
 * side: sums over 33 rows take six times as long without this. Few rows are prefetched anyway.
 */
export function fetch(rows: usize, count: i32, from: usize, bytes: usize): void {
  if (count <= streams) return;
  for (let i = 0; i < count; i++) {
    const start = row(rows, i) + from;
    for (let c: usize = 0; c < bytes; c += 64) load<u8>(start + c);
  }
}
