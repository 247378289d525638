import { block, high, load2, low, row, total } from './lanes';

/** Bytes of a row whose squares are summed in float32, 32 a lane, before they join the float64 sum. */
const run: usize = 1024;

/**
 * out[i] = |rows[i] - vector|². Squares in float32, so out[i] is right to 1e-6 only where it is neither near the ends
 * of that range nor 0: see isSafe.
 */
export function squaredDistances(rows: usize, count: i32, vector: usize, out: usize, length: i32): void {
  memory.fill(out, 0, (<usize>count) << 3);
  for (let from: usize = 0, end = (<usize>length) << 2; from < end; from += block) {
    const to = min(from + block, end);
    let i = 0;
    for (; i + 3 < count; i += 4) {
      const a = row(rows, i),
        b = row(rows, i + 1),
        d = row(rows, i + 2),
        e = row(rows, i + 3);
      for (let c = from; c < to; c += run) {
        distances4(a + c, b + c, d + c, e + c, vector + c, min(run, to - c), out + ((<usize>i) << 3));
      }
    }
    for (; i < count; i++) {
      const a = row(rows, i);
      for (let c = from; c < to; c += run) {
        distances1(a + c, vector + c, min(run, to - c), out + ((<usize>i) << 3));
      }
    }
  }
  for (let i = 0; i < count; i++) {
    const sum = out + ((<usize>i) << 3);
    if (!isSafe(load<f64>(sum))) store<f64>(sum, exactDistance(row(rows, i), vector, length));
  }
}

/** Whether squares summed in float32 can neither have overflown nor have been lost to underflow. */
function isSafe(sum: f64): bool {
  return sum > 1e-24 && sum < Infinity;
}

function distances4(a: usize, b: usize, c: usize, d: usize, v: usize, bytes: usize, out: usize): void {
  let a0 = f32x4.splat(0),
    b0 = a0,
    c0 = a0,
    d0 = a0,
    a1 = a0,
    b1 = a0,
    c1 = a0,
    d1 = a0;
  for (let k: usize = 0; k < bytes; k += 64) {
    const p = a + k,
      q = b + k,
      r = c + k,
      s = d + k,
      u = v + k;
    let t: v128;
    t = v128.load(u);
    a0 = addSquare(a0, f32x4.sub(v128.load(p), t));
    b0 = addSquare(b0, f32x4.sub(v128.load(q), t));
    c0 = addSquare(c0, f32x4.sub(v128.load(r), t));
    d0 = addSquare(d0, f32x4.sub(v128.load(s), t));
    t = v128.load(u, 16);
    a1 = addSquare(a1, f32x4.sub(v128.load(p, 16), t));
    b1 = addSquare(b1, f32x4.sub(v128.load(q, 16), t));
    c1 = addSquare(c1, f32x4.sub(v128.load(r, 16), t));
    d1 = addSquare(d1, f32x4.sub(v128.load(s, 16), t));
    t = v128.load(u, 32);
    a0 = addSquare(a0, f32x4.sub(v128.load(p, 32), t));
    b0 = addSquare(b0, f32x4.sub(v128.load(q, 32), t));
    c0 = addSquare(c0, f32x4.sub(v128.load(r, 32), t));
    d0 = addSquare(d0, f32x4.sub(v128.load(s, 32), t));
    t = v128.load(u, 48);
    a1 = addSquare(a1, f32x4.sub(v128.load(p, 48), t));
    b1 = addSquare(b1, f32x4.sub(v128.load(q, 48), t));
    c1 = addSquare(c1, f32x4.sub(v128.load(r, 48), t));
    d1 = addSquare(d1, f32x4.sub(v128.load(s, 48), t));
  }
  accumulate(out, widened(a0, a1));
  accumulate(out + 8, widened(b0, b1));
  accumulate(out + 16, widened(c0, c1));
  accumulate(out + 24, widened(d0, d1));
}

function distances1(a: usize, v: usize, bytes: usize, out: usize): void {
  let s0 = f32x4.splat(0),
    s1 = s0;
  for (let k: usize = 0; k < bytes; k += 32) {
    s0 = addSquare(s0, f32x4.sub(v128.load(a + k), v128.load(v + k)));
    s1 = addSquare(s1, f32x4.sub(v128.load(a + k, 16), v128.load(v + k, 16)));
  }
  accumulate(out, widened(s0, s1));
}

/** |a - v|² in float64 throughout. */
function exactDistance(a: usize, v: usize, length: i32): f64 {
  let sum = f64x2.splat(0);
  for (let k: usize = 0, end = (<usize>length) << 2; k < end; k += 8) {
    const x = f64x2.sub(load2(a + k), load2(v + k));
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  return total(sum);
}

/** out[i] = |rows[i]|², as squaredDistances. */
export function squaredNorms(rows: usize, count: i32, out: usize, length: i32): void {
  for (let i = 0; i < count; i++) {
    const a = row(rows, i);
    let sum: f64 = 0;
    for (let c: usize = 0, end = (<usize>length) << 2; c < end; c += run) {
      let s0 = f32x4.splat(0),
        s1 = s0,
        s2 = s0,
        s3 = s0;
      for (let k = a + c, e = a + min(c + run, end); k < e; k += 64) {
        s0 = addSquare(s0, v128.load(k));
        s1 = addSquare(s1, v128.load(k, 16));
        s2 = addSquare(s2, v128.load(k, 32));
        s3 = addSquare(s3, v128.load(k, 48));
      }
      sum += total(f64x2.add(widened(s0, s1), widened(s2, s3)));
    }
    store<f64>(out + ((<usize>i) << 3), isSafe(sum) ? sum : exactNorm(a, length));
  }
}

/** |a|² in float64 throughout. */
function exactNorm(a: usize, length: i32): f64 {
  let sum = f64x2.splat(0);
  for (let k: usize = 0, end = (<usize>length) << 2; k < end; k += 8) {
    const x = load2(a + k);
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  return total(sum);
}

function addSquare(sum: v128, x: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, x));
}

/** The sum of eight float32 lanes as two float64 lanes. */
function widened(x: v128, y: v128): v128 {
  return f64x2.add(f64x2.add(low(x), high(x)), f64x2.add(low(y), high(y)));
}

function accumulate(out: usize, lanes: v128): void {
  store<f64>(out, load<f64>(out) + total(lanes));
}

/** 1 when every coordinate is finite, else 0. */
export function isFinite(vector: usize, length: i32): i32 {
  const infinity = f32x4.splat(Infinity);
  for (let start = 0; start < length; start += 1024) {
    const end = vector + ((<usize>min(start + 1024, length)) << 2);
    let finite = i32x4.splat(-1);
    for (let x = vector + ((<usize>start) << 2); x < end; x += 16) {
      finite = v128.and(finite, f32x4.lt(f32x4.abs(v128.load(x)), infinity));
    }
    if (!i32x4.all_true(finite)) return 0;
  }
  return 1;
}
