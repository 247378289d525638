import { load2, row, total } from './lanes';

/** Coordinates worked on at once: 65 rows of them stay in the second-level cache. */
const block: i32 = 1024;

/** out[i] = |rows[i] - vector|², float64. */
export function squaredDistances(rows: usize, count: i32, vector: usize, out: usize, length: i32): void {
  memory.fill(out, 0, (<usize>count) << 3);
  for (let start = 0; start < length; start += block) {
    const c = (<usize>start) << 2;
    const size = min(block, length - start);
    const v = vector + c;
    let i = 0;
    for (; i + 3 < count; i += 4)
      distances4(
        row(rows, i) + c,
        row(rows, i + 1) + c,
        row(rows, i + 2) + c,
        row(rows, i + 3) + c,
        v,
        size,
        out + ((<usize>i) << 3),
      );
    for (; i < count; i++) distances1(row(rows, i) + c, v, size, out + ((<usize>i) << 3));
  }
}

function distances4(a: usize, b: usize, c: usize, d: usize, v: usize, length: i32, out: usize): void {
  let a0 = f64x2.splat(0),
    a1 = a0,
    b0 = a0,
    b1 = a0,
    c0 = a0,
    c1 = a0,
    d0 = a0,
    d1 = a0;
  for (let k: usize = 0, end = (<usize>length) << 2; k < end; k += 16) {
    const v0 = load2(v + k),
      v1 = load2(v + k + 8);
    a0 = addSquare(a0, f64x2.sub(load2(a + k), v0));
    a1 = addSquare(a1, f64x2.sub(load2(a + k + 8), v1));
    b0 = addSquare(b0, f64x2.sub(load2(b + k), v0));
    b1 = addSquare(b1, f64x2.sub(load2(b + k + 8), v1));
    c0 = addSquare(c0, f64x2.sub(load2(c + k), v0));
    c1 = addSquare(c1, f64x2.sub(load2(c + k + 8), v1));
    d0 = addSquare(d0, f64x2.sub(load2(d + k), v0));
    d1 = addSquare(d1, f64x2.sub(load2(d + k + 8), v1));
  }
  accumulate(out, f64x2.add(a0, a1));
  accumulate(out + 8, f64x2.add(b0, b1));
  accumulate(out + 16, f64x2.add(c0, c1));
  accumulate(out + 24, f64x2.add(d0, d1));
}

function distances1(a: usize, v: usize, length: i32, out: usize): void {
  let s0 = f64x2.splat(0),
    s1 = s0;
  for (let k: usize = 0, end = (<usize>length) << 2; k < end; k += 16) {
    s0 = addSquare(s0, f64x2.sub(load2(a + k), load2(v + k)));
    s1 = addSquare(s1, f64x2.sub(load2(a + k + 8), load2(v + k + 8)));
  }
  accumulate(out, f64x2.add(s0, s1));
}

/** out[i] = |rows[i]|², float64. */
export function squaredNorms(rows: usize, count: i32, out: usize, length: i32): void {
  for (let i = 0; i < count; i++) {
    const a = row(rows, i);
    let s0 = f64x2.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let k: usize = 0, end = (<usize>length) << 2; k < end; k += 32) {
      s0 = addSquare(s0, load2(a + k));
      s1 = addSquare(s1, load2(a + k + 8));
      s2 = addSquare(s2, load2(a + k + 16));
      s3 = addSquare(s3, load2(a + k + 24));
    }
    store<f64>(out + ((<usize>i) << 3), total(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3))));
  }
}

function addSquare(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, x));
}

function accumulate(out: usize, lanes: v128): void {
  store<f64>(out, load<f64>(out) + total(lanes));
}

/** Coordinates of the Gram matrix worked on at once: widened to float64, 17 rows of them fit the first-level cache. */
const wideBlock: i32 = 128;

/**
 * out[i * count + j] = <rows[i], rows[j]>, float64, symmetric to the last bit.
 * `scratch`: (count + 3) · wideBlock float64, 16-byte aligned.
 */
export function gram(rows: usize, count: i32, out: usize, scratch: usize, length: i32): void {
  memory.fill(out, 0, (<usize>count * count) << 3);
  const stride = (<usize>wideBlock) << 3;
  for (let start = 0; start < length; start += wideBlock) {
    const size = min(wideBlock, length - start);
    for (let i = 0; i < count; i++)
      widen(row(rows, i) + ((<usize>start) << 2), scratch + <usize>i * stride, size);
    const bytes = (<usize>size) << 3;
    for (let i = 0; i < count; i += 2) {
      const a = scratch + <usize>i * stride;
      for (let j = i; j < count; j += 4) {
        products(a, a + stride, scratch + <usize>j * stride, stride, bytes, out, i, j, count);
      }
    }
  }
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) {
      store<f64>(out + ((<usize>(i * count + j)) << 3), load<f64>(out + ((<usize>(j * count + i)) << 3)));
    }
  }
}

function widen(source: usize, target: usize, length: i32): void {
  for (let k = 0; k < length; k += 4) {
    v128.store(target, load2(source));
    v128.store(target, load2(source + 8), 16);
    source += 16;
    target += 32;
  }
}

/** Adds the products of two rows, a and b, with four, c to c + 3 strides, at out[i..i+1][j..j+3]. */
function products(
  a: usize,
  b: usize,
  c: usize,
  stride: usize,
  bytes: usize,
  out: usize,
  i: i32,
  j: i32,
  count: i32,
): void {
  const d = c + stride,
    e = d + stride,
    f = e + stride;
  let ac = f64x2.splat(0),
    ad = ac,
    ae = ac,
    af = ac,
    bc = ac,
    bd = ac,
    be = ac,
    bf = ac;
  for (let k: usize = 0; k < bytes; k += 16) {
    const x = v128.load(a + k),
      y = v128.load(b + k);
    let z = v128.load(c + k);
    ac = f64x2.add(ac, f64x2.mul(x, z));
    bc = f64x2.add(bc, f64x2.mul(y, z));
    z = v128.load(d + k);
    ad = f64x2.add(ad, f64x2.mul(x, z));
    bd = f64x2.add(bd, f64x2.mul(y, z));
    z = v128.load(e + k);
    ae = f64x2.add(ae, f64x2.mul(x, z));
    be = f64x2.add(be, f64x2.mul(y, z));
    z = v128.load(f + k);
    af = f64x2.add(af, f64x2.mul(x, z));
    bf = f64x2.add(bf, f64x2.mul(y, z));
  }
  // Beyond the last row the lanes hold what the scratch held: never stored.
  const upper = out + ((<usize>(i * count + j)) << 3);
  const lower = upper + ((<usize>count) << 3);
  const both = i + 1 < count;
  accumulate(upper, ac);
  if (both) accumulate(lower, bc);
  if (j + 1 >= count) return;
  accumulate(upper + 8, ad);
  if (both) accumulate(lower + 8, bd);
  if (j + 2 >= count) return;
  accumulate(upper + 16, ae);
  if (both) accumulate(lower + 16, be);
  if (j + 3 >= count) return;
  accumulate(upper + 24, af);
  if (both) accumulate(lower + 24, bf);
}

/** 1 when every coordinate is finite, else 0. */
export function isFinite(vector: usize, length: i32): i32 {
  const infinity = f32x4.splat(Infinity);
  for (let start = 0; start < length; start += block) {
    const end = vector + ((<usize>min(start + block, length)) << 2);
    let finite = i32x4.splat(-1);
    for (let x = vector + ((<usize>start) << 2); x < end; x += 16) {
      finite = v128.and(finite, f32x4.lt(f32x4.abs(v128.load(x)), infinity));
    }
    if (!i32x4.all_true(finite)) return 0;
  }
  return 1;
}
