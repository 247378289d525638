import { word } from './tfjs-memory';

/** out[c] = Σ_r x[r][c], summed in row order in float64. */
export function sumRows(x: usize, out: usize, rows: i32, columns: i32): void {
  const line = <usize>columns * word;
  let c = 0;
  for (; c + 4 <= columns; c += 4) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let at = x + <usize>c * word;
    for (let r = 0; r < rows; r++) {
      low = f64x2.add(low, f64x2.promote_low_f32x4(v128.load64_zero(at)));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.load64_zero(at, 8)));
      at += line;
    }
    const target = out + <usize>c * word;
    v128.store64_lane(target, f32x4.demote_f64x2_zero(low), 0);
    v128.store64_lane(target, f32x4.demote_f64x2_zero(high), 0, 8);
  }
  for (; c < columns; c++) {
    let sum: f64 = 0;
    let at = x + <usize>c * word;
    for (let r = 0; r < rows; r++) {
      sum += <f64>load<f32>(at);
      at += line;
    }
    store<f32>(out + <usize>c * word, <f32>sum);
  }
}
