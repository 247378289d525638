import { block, fetch, high, load2, low, row, store2, store4 } from './lanes';

/**
 * out = Σ coefficients[i] · rows[i], the bytes from..to-1 of each. The first 8 · `eights` rows are summed by eights in
 * float32, as pairs of pairs of pairs, which loses up to 3e-7 Σ |coefficients[i] rows[i]|; all else is float64, in row
 * order. `scratch`: 2 · block bytes.
 */
export function combine(
  rows: usize,
  coefficients: usize,
  count: i32,
  eights: i32,
  scratch: usize,
  out: usize,
  from: usize,
  to: usize,
): void {
  for (let c = from; c < to; c += block) {
    const bytes = min(block, to - c);
    memory.fill(scratch, 0, bytes << 1);
    let i = 0;
    for (; i < eights << 3; i += 8) {
      addEight(rows + ((<usize>i) << 2), coefficients + ((<usize>i) << 3), c, scratch, bytes);
    }
    for (; i < count; i++) addOne(row(rows, i) + c, coefficients + ((<usize>i) << 3), scratch, bytes);
    narrow(scratch, out + c, bytes);
  }
}

function addEight(rows: usize, coefficients: usize, from: usize, sums: usize, bytes: usize): void {
  const k0 = f32x4.splat(<f32>load<f64>(coefficients, 0));
  const k1 = f32x4.splat(<f32>load<f64>(coefficients, 8));
  const k2 = f32x4.splat(<f32>load<f64>(coefficients, 16));
  const k3 = f32x4.splat(<f32>load<f64>(coefficients, 24));
  const k4 = f32x4.splat(<f32>load<f64>(coefficients, 32));
  const k5 = f32x4.splat(<f32>load<f64>(coefficients, 40));
  const k6 = f32x4.splat(<f32>load<f64>(coefficients, 48));
  const k7 = f32x4.splat(<f32>load<f64>(coefficients, 56));
  const r0 = row(rows, 0) + from;
  const r1 = row(rows, 1) + from;
  const r2 = row(rows, 2) + from;
  const r3 = row(rows, 3) + from;
  const r4 = row(rows, 4) + from;
  const r5 = row(rows, 5) + from;
  const r6 = row(rows, 6) + from;
  const r7 = row(rows, 7) + from;
  for (let k: usize = 0; k < bytes; k += 64) {
    const p0 = r0 + k;
    const p1 = r1 + k;
    const p2 = r2 + k;
    const p3 = r3 + k;
    const p4 = r4 + k;
    const p5 = r5 + k;
    const p6 = r6 + k;
    const p7 = r7 + k;
    const sum = sums + (k << 1);
    let x: v128, y: v128;
    x = f32x4.add(f32x4.mul(k0, v128.load(p0)), f32x4.mul(k1, v128.load(p1)));
    y = f32x4.add(f32x4.mul(k2, v128.load(p2)), f32x4.mul(k3, v128.load(p3)));
    x = f32x4.add(x, y);
    y = f32x4.add(f32x4.mul(k4, v128.load(p4)), f32x4.mul(k5, v128.load(p5)));
    y = f32x4.add(y, f32x4.add(f32x4.mul(k6, v128.load(p6)), f32x4.mul(k7, v128.load(p7))));
    addTo(sum, f32x4.add(x, y));
    x = f32x4.add(f32x4.mul(k0, v128.load(p0, 16)), f32x4.mul(k1, v128.load(p1, 16)));
    y = f32x4.add(f32x4.mul(k2, v128.load(p2, 16)), f32x4.mul(k3, v128.load(p3, 16)));
    x = f32x4.add(x, y);
    y = f32x4.add(f32x4.mul(k4, v128.load(p4, 16)), f32x4.mul(k5, v128.load(p5, 16)));
    y = f32x4.add(y, f32x4.add(f32x4.mul(k6, v128.load(p6, 16)), f32x4.mul(k7, v128.load(p7, 16))));
    addTo(sum + 32, f32x4.add(x, y));
    x = f32x4.add(f32x4.mul(k0, v128.load(p0, 32)), f32x4.mul(k1, v128.load(p1, 32)));
    y = f32x4.add(f32x4.mul(k2, v128.load(p2, 32)), f32x4.mul(k3, v128.load(p3, 32)));
    x = f32x4.add(x, y);
    y = f32x4.add(f32x4.mul(k4, v128.load(p4, 32)), f32x4.mul(k5, v128.load(p5, 32)));
    y = f32x4.add(y, f32x4.add(f32x4.mul(k6, v128.load(p6, 32)), f32x4.mul(k7, v128.load(p7, 32))));
    addTo(sum + 64, f32x4.add(x, y));
    x = f32x4.add(f32x4.mul(k0, v128.load(p0, 48)), f32x4.mul(k1, v128.load(p1, 48)));
    y = f32x4.add(f32x4.mul(k2, v128.load(p2, 48)), f32x4.mul(k3, v128.load(p3, 48)));
    x = f32x4.add(x, y);
    y = f32x4.add(f32x4.mul(k4, v128.load(p4, 48)), f32x4.mul(k5, v128.load(p5, 48)));
    y = f32x4.add(y, f32x4.add(f32x4.mul(k6, v128.load(p6, 48)), f32x4.mul(k7, v128.load(p7, 48))));
    addTo(sum + 96, f32x4.add(x, y));
  }
}

function addOne(a: usize, coefficient: usize, sums: usize, bytes: usize): void {
  const k = v128.load64_splat(coefficient);
  for (const end = a + bytes; a < end; a += 32, sums += 64) {
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.mul(k, load2(a))));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.mul(k, load2(a + 8))), 16);
    v128.store(sums, f64x2.add(v128.load(sums, 32), f64x2.mul(k, load2(a + 16))), 32);
    v128.store(sums, f64x2.add(v128.load(sums, 48), f64x2.mul(k, load2(a + 24))), 48);
  }
}

/** Adds four float32 to float64 sums. */
function addTo(sums: usize, x: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), low(x)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), high(x)), 16);
}

/** Rounds float64 sums to `bytes` of float32. */
function narrow(sums: usize, out: usize, bytes: usize): void {
  for (const end = out + bytes; out < end; out += 32, sums += 64) {
    store4(out, v128.load(sums), v128.load(sums, 16));
    store4(out + 16, v128.load(sums, 32), v128.load(sums, 48));
  }
}

/**
 * mean = Σ weights[i] · rows[i] / total and deviation = sqrt(Σ weights[i] · (rows[i] - mean)² / divisor), the mean
 * unrounded in the second sum.
 */
export function moments(
  rows: usize,
  weights: usize,
  count: i32,
  total: f64,
  divisor: f64,
  mean: usize,
  deviation: usize,
  length: i32,
): void {
  const scale = f64x2.splat(total);
  const spread = f64x2.splat(divisor);
  for (let c: usize = 0, end = (<usize>length) << 2; c < end; c += 32) {
    if (c % block == 0) fetch(rows, count, c, min(block, end - c));
    let m0 = f64x2.splat(0);
    let m1 = m0,
      m2 = m0,
      m3 = m0;
    let v0 = m0,
      v1 = m0,
      v2 = m0,
      v3 = m0;
    for (let i = 0; i < count; i++) {
      const x = row(rows, i) + c;
      const w = v128.load64_splat(weights + ((<usize>i) << 3));
      m0 = f64x2.add(m0, f64x2.mul(w, load2(x)));
      m1 = f64x2.add(m1, f64x2.mul(w, load2(x + 8)));
      m2 = f64x2.add(m2, f64x2.mul(w, load2(x + 16)));
      m3 = f64x2.add(m3, f64x2.mul(w, load2(x + 24)));
    }
    m0 = f64x2.div(m0, scale);
    m1 = f64x2.div(m1, scale);
    m2 = f64x2.div(m2, scale);
    m3 = f64x2.div(m3, scale);
    for (let i = 0; i < count; i++) {
      const x = row(rows, i) + c;
      const w = v128.load64_splat(weights + ((<usize>i) << 3));
      v0 = f64x2.add(v0, f64x2.mul(w, square(f64x2.sub(load2(x), m0))));
      v1 = f64x2.add(v1, f64x2.mul(w, square(f64x2.sub(load2(x + 8), m1))));
      v2 = f64x2.add(v2, f64x2.mul(w, square(f64x2.sub(load2(x + 16), m2))));
      v3 = f64x2.add(v3, f64x2.mul(w, square(f64x2.sub(load2(x + 24), m3))));
    }
    store2(mean + c, m0);
    store2(mean + c + 8, m1);
    store2(mean + c + 16, m2);
    store2(mean + c + 24, m3);
    store2(deviation + c, f64x2.sqrt(f64x2.div(v0, spread)));
    store2(deviation + c + 8, f64x2.sqrt(f64x2.div(v1, spread)));
    store2(deviation + c + 16, f64x2.sqrt(f64x2.div(v2, spread)));
    store2(deviation + c + 24, f64x2.sqrt(f64x2.div(v3, spread)));
  }
}

function square(x: v128): v128 {
  return f64x2.mul(x, x);
}
