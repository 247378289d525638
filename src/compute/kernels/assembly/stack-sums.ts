import { load2, row, store2 } from './lanes';

/** out = Σ coefficients[i] · rows[i], in row order, float64 sums. */
export function combine(rows: usize, coefficients: usize, count: i32, out: usize, length: i32): void {
  for (let c: usize = 0, end = (<usize>length) << 2; c < end; c += 64) {
    let s0 = f64x2.splat(0);
    let s1 = s0,
      s2 = s0,
      s3 = s0,
      s4 = s0,
      s5 = s0,
      s6 = s0,
      s7 = s0;
    for (let i = 0; i < count; i++) {
      const x = row(rows, i) + c;
      const k = v128.load64_splat(coefficients + ((<usize>i) << 3));
      s0 = f64x2.add(s0, f64x2.mul(k, load2(x)));
      s1 = f64x2.add(s1, f64x2.mul(k, load2(x + 8)));
      s2 = f64x2.add(s2, f64x2.mul(k, load2(x + 16)));
      s3 = f64x2.add(s3, f64x2.mul(k, load2(x + 24)));
      s4 = f64x2.add(s4, f64x2.mul(k, load2(x + 32)));
      s5 = f64x2.add(s5, f64x2.mul(k, load2(x + 40)));
      s6 = f64x2.add(s6, f64x2.mul(k, load2(x + 48)));
      s7 = f64x2.add(s7, f64x2.mul(k, load2(x + 56)));
    }
    const y = out + c;
    store2(y, s0);
    store2(y + 8, s1);
    store2(y + 16, s2);
    store2(y + 24, s3);
    store2(y + 32, s4);
    store2(y + 40, s5);
    store2(y + 48, s6);
    store2(y + 56, s7);
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
