// Coordinate-wise rules on sorted values. Rows are sorted a tile of columns at a time; sorted row k of a tile is at
// scratch + k * step. -0 and +0 are equal; which of them comes out is not said, save that a median of 0 is +0.
import { block, fetch, load2, row, store2 } from './lanes';
import { most, sortFew } from './networks';

/** Columns sorted at once, in bytes: 64 coordinates. Scratch: count · step bytes. */
const step: usize = 256;

/** Sorts `bytes` of every row from the byte `from`. */
function sortTile(rows: usize, count: i32, from: usize, out: usize, bytes: usize): void {
  // Positions i, i + stride, i + 2 stride, ... are sorted in registers, then the passes of merge exchange that are left
  // run on memory. Which rows start at which positions does not matter.
  let stride = 1;
  while (stride * most < count) stride <<= 1;
  for (let i = 0; i < stride; i++) {
    const few = (count - i + stride - 1) / stride;
    sortFew(rows, few, from, out + <usize>i * step, <usize>stride * step, bytes);
    rows += (<usize>few) << 2;
  }
  let top = stride;
  while (top << 1 < count) top <<= 1;
  for (let p = stride >> 1; p > 0; p >>= 1) {
    for (let q = top, r = 0, d = p; ; d = q - p, q >>= 1, r = p) {
      for (let i = r; i < count - d; i += p << 1) {
        for (let k = i, end = min(i + p, count - d); k < end; k++) {
          exchange(out + <usize>k * step, out + <usize>(k + d) * step, bytes);
        }
      }
      if (q == p) break;
    }
  }
}

/** The smaller values to a, the larger to b. */
function exchange(a: usize, b: usize, bytes: usize): void {
  for (const end = a + bytes; a < end; a += 64, b += 64) {
    let x = v128.load(a),
      y = v128.load(b);
    v128.store(a, f32x4.pmin(x, y));
    v128.store(b, f32x4.pmax(x, y));
    ((x = v128.load(a, 16)), (y = v128.load(b, 16)));
    v128.store(a, f32x4.pmin(x, y), 16);
    v128.store(b, f32x4.pmax(x, y), 16);
    ((x = v128.load(a, 32)), (y = v128.load(b, 32)));
    v128.store(a, f32x4.pmin(x, y), 32);
    v128.store(b, f32x4.pmax(x, y), 32);
    ((x = v128.load(a, 48)), (y = v128.load(b, 48)));
    v128.store(a, f32x4.pmin(x, y), 48);
    v128.store(b, f32x4.pmax(x, y), 48);
  }
}

/**
 * Per coordinate: the smallest value v with Σ weights of {x_i <= v} > threshold. It is known to have a rank in
 * first..last whatever the order, so these ranks are bisected, one sum over all rows each time.
 * `weights`: an i32 four times over per row, or an i64 twice over when `wide`; sums must not overflow.
 */
export function weightedMedian(
  rows: usize,
  weights: usize,
  count: i32,
  wide: bool,
  threshold: i64,
  first: i32,
  last: i32,
  scratch: usize,
  out: usize,
  length: i32,
): void {
  const end = (<usize>length) << 2;
  for (let from: usize = 0; from < end; from += step) {
    const bytes = min(step, end - from);
    if (from % block == 0) fetch(rows, count, from, min(block, end - from));
    sortTile(rows, count, from, scratch, bytes);
    for (let c: usize = 0; c < bytes; c += 64) {
      if (first == last) storeLine(scratch + <usize>first * step + c, out + from + c);
      else if (wide)
        bisectWide(rows, weights, count, threshold, first, last, scratch + c, from + c, out + from + c);
      else bisect(rows, weights, count, <i32>threshold, first, last, scratch + c, from + c, out + from + c);
    }
  }
}

function storeLine(source: usize, target: usize): void {
  for (let c: usize = 0; c < 64; c += 16) storeMedians(target + c, v128.load(source + c));
}

/** What keeps a median while rows change (stack-running-median) no longer knows which zeros the rows had. */
function storeMedians(target: usize, medians: v128): void {
  v128.store(target, f32x4.add(medians, f32x4.splat(0)));
}

/** 16 columns at once; weights in 32 bits. */
function bisect(
  rows: usize,
  weights: usize,
  count: i32,
  threshold: i32,
  first: i32,
  last: i32,
  sorted: usize,
  from: usize,
  out: usize,
): void {
  const limit = i32x4.splat(threshold);
  // Where in `sorted` each column's answer is at the earliest, in bytes from the column's top.
  let b0 = i32x4.splat(first * <i32>step),
    b1 = b0,
    b2 = b0,
    b3 = b0;
  let ranks = last - first + 1;
  let half = ranks >> 1;
  let pivots = sorted + <usize>(first + half - 1) * step;
  let p0 = v128.load(pivots),
    p1 = v128.load(pivots, 16),
    p2 = v128.load(pivots, 32),
    p3 = v128.load(pivots, 48);
  while (true) {
    let s0 = i32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let r = rows, w = weights, end = rows + ((<usize>count) << 2); r < end; r += 4, w += 16) {
      const x = <usize>load<u32>(r) + from;
      const counts = v128.load(w);
      s0 = i32x4.add(s0, v128.and(counts, f32x4.le(v128.load(x), p0)));
      s1 = i32x4.add(s1, v128.and(counts, f32x4.le(v128.load(x, 16), p1)));
      s2 = i32x4.add(s2, v128.and(counts, f32x4.le(v128.load(x, 32), p2)));
      s3 = i32x4.add(s3, v128.and(counts, f32x4.le(v128.load(x, 48), p3)));
    }
    const skip = i32x4.splat(half * <i32>step);
    b0 = i32x4.add(b0, v128.and(skip, i32x4.le_s(s0, limit)));
    b1 = i32x4.add(b1, v128.and(skip, i32x4.le_s(s1, limit)));
    b2 = i32x4.add(b2, v128.and(skip, i32x4.le_s(s2, limit)));
    b3 = i32x4.add(b3, v128.and(skip, i32x4.le_s(s3, limit)));
    ranks -= half;
    if (ranks == 1) break;
    half = ranks >> 1;
    pivots = sorted + <usize>(half - 1) * step;
    p0 = gather(pivots, b0);
    p1 = gather(pivots + 16, b1);
    p2 = gather(pivots + 32, b2);
    p3 = gather(pivots + 48, b3);
  }
  storeMedians(out, gather(sorted, b0));
  storeMedians(out + 16, gather(sorted + 16, b1));
  storeMedians(out + 32, gather(sorted + 32, b2));
  storeMedians(out + 48, gather(sorted + 48, b3));
}

/** As bisect, with weights in 64 bits. */
function bisectWide(
  rows: usize,
  weights: usize,
  count: i32,
  threshold: i64,
  first: i32,
  last: i32,
  sorted: usize,
  from: usize,
  out: usize,
): void {
  const limit = i64x2.splat(threshold);
  for (let c: usize = 0; c < 64; c += 16) {
    let b = i32x4.splat(first * <i32>step);
    for (let ranks = last - first + 1; ranks > 1;) {
      const half = ranks >> 1;
      const p = gather(sorted + c + <usize>(half - 1) * step, b);
      let s0 = i64x2.splat(0),
        s1 = s0;
      for (let i = 0; i < count; i++) {
        const w = v128.load(weights + ((<usize>i) << 4));
        const counts = f32x4.le(v128.load(row(rows, i) + from + c), p);
        s0 = i64x2.add(s0, v128.and(w, i64x2.extend_low_i32x4_s(counts)));
        s1 = i64x2.add(s1, v128.and(w, i64x2.extend_high_i32x4_s(counts)));
      }
      const above = v128.shuffle<i32>(i64x2.gt_s(s0, limit), i64x2.gt_s(s1, limit), 0, 2, 4, 6);
      b = i32x4.add(b, v128.andnot(i32x4.splat(half * <i32>step), above));
      ranks -= half;
    }
    storeMedians(out + c, gather(sorted + c, b));
  }
}

/** Column k (4 bytes each) at the byte offset that lane k of `offsets` holds. */
function gather(column: usize, offsets: v128): v128 {
  let x = v128.load32_zero(column + i32x4.extract_lane(offsets, 0));
  x = v128.load32_lane(column + i32x4.extract_lane(offsets, 1), x, 1, 4);
  x = v128.load32_lane(column + i32x4.extract_lane(offsets, 2), x, 2, 8);
  return v128.load32_lane(column + i32x4.extract_lane(offsets, 3), x, 3, 12);
}

/** Per coordinate: the mean of the sorted values first..last, float64 sums. */
export function sortedMean(
  rows: usize,
  count: i32,
  first: i32,
  last: i32,
  scratch: usize,
  out: usize,
  length: i32,
): void {
  const size = f64x2.splat(<f64>(last - first + 1));
  const end = (<usize>length) << 2;
  for (let from: usize = 0; from < end; from += step) {
    const bytes = min(step, end - from);
    if (from % block == 0) fetch(rows, count, from, min(block, end - from));
    sortTile(rows, count, from, scratch, bytes);
    for (let c: usize = 0; c < bytes; c += 16) {
      let s0 = f64x2.splat(0),
        s1 = s0;
      for (let k = first; k <= last; k++) {
        const x = scratch + <usize>k * step + c;
        s0 = f64x2.add(s0, load2(x));
        s1 = f64x2.add(s1, load2(x + 8));
      }
      store2(out + from + c, f64x2.div(s0, size));
      store2(out + from + c + 8, f64x2.div(s1, size));
    }
  }
}

/**
 * Per coordinate: the mean of the `keep` values nearest the median, midway between the sorted values `lower` and
 * `upper`, which may be one; of two equally near the smaller first.
 */
export function meanAroundMedian(
  rows: usize,
  count: i32,
  keep: i32,
  lower: i32,
  upper: i32,
  scratch: usize,
  out: usize,
  length: i32,
): void {
  const size = f64x2.splat(<f64>keep);
  const half = f64x2.splat(0.5);
  const end = (<usize>length) << 2;
  for (let from: usize = 0; from < end; from += step) {
    const bytes = min(step, end - from);
    if (from % block == 0) fetch(rows, count, from, min(block, end - from));
    sortTile(rows, count, from, scratch, bytes);
    for (let c: usize = 0; c < bytes; c += 8) {
      const x = scratch + c;
      let median = load2(x + <usize>lower * step);
      if (upper != lower) median = f64x2.mul(f64x2.add(median, load2(x + <usize>upper * step)), half);
      let sum = f64x2.splat(0);
      // The values kept are neighbours in sorted order: value k leaves the window exactly when value k + keep enters.
      for (let k = 0; k < count; k++) {
        let kept = i64x2.splat(-1);
        if (k >= keep) kept = enters(x, k, keep, median);
        if (k + keep < count) kept = v128.andnot(kept, enters(x, k + keep, keep, median));
        sum = f64x2.add(sum, v128.and(kept, load2(x + <usize>k * step)));
      }
      store2(out + from + c, f64x2.div(sum, size));
    }
  }
}

/** Whether value k is nearer the median than value k - keep, which is not above it. */
function enters(x: usize, k: i32, keep: i32, median: v128): v128 {
  const high = f64x2.sub(load2(x + <usize>k * step), median);
  const low = f64x2.sub(median, load2(x + <usize>(k - keep) * step));
  return f64x2.lt(high, low);
}
