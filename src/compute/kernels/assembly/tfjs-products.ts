import { transpose, word } from './tfjs-memory';

/** Bytes of scratch memory for a product: b turned round when it comes transposed. */
export function matMulScratch(inner: i32, columns: i32, transposeB: bool): usize {
  return transposeB ? (<usize>(inner * columns)) * word : 0;
}

/**
 * c = a · b, rows x columns. a is rows x inner (inner x rows when transposed), b is inner x columns (columns x inner
 * when transposed). Every number of c is written, its terms summed in order.
 */
export function matMul(
  a: usize,
  b: usize,
  c: usize,
  scratch: usize,
  rows: i32,
  inner: i32,
  columns: i32,
  transposeA: bool,
  transposeB: bool,
): void {
  if (transposeB) {
    transpose(scratch, columns, b, columns, inner);
    b = scratch;
  }
  const nextRow = (transposeA ? <usize>1 : <usize>inner) * word;
  const nextInner = (transposeA ? <usize>rows : <usize>1) * word;
  const lineB = (<usize>columns) * word;

  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const a0 = a + (<usize>i) * nextRow;
    const c0 = c + (<usize>i) * lineB;
    let j = 0;
    for (; j + 8 <= columns; j += 8) block4x8(a0, nextRow, nextInner, b + (<usize>j) * word, lineB, c0 + (<usize>j) * word, inner);
    for (; j < columns; j++)
      for (let k = 0; k < 4; k++)
        single(a0 + (<usize>k) * nextRow, nextInner, b + (<usize>j) * word, lineB, c0 + (<usize>k) * lineB + (<usize>j) * word, inner);
  }
  for (; i < rows; i++) {
    const a0 = a + (<usize>i) * nextRow;
    const c0 = c + (<usize>i) * lineB;
    let j = 0;
    for (; j + 4 <= columns; j += 4) block1x4(a0, nextInner, b + (<usize>j) * word, lineB, c0 + (<usize>j) * word, inner);
    for (; j < columns; j++) single(a0, nextInner, b + (<usize>j) * word, lineB, c0 + (<usize>j) * word, inner);
  }
}

function block4x8(a: usize, nextRow: usize, nextInner: usize, b: usize, lineB: usize, c: usize, inner: i32): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  for (let k = 0; k < inner; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let value = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(value, b0));
    s01 = f32x4.add(s01, f32x4.mul(value, b1));
    value = v128.load32_splat(a + nextRow);
    s10 = f32x4.add(s10, f32x4.mul(value, b0));
    s11 = f32x4.add(s11, f32x4.mul(value, b1));
    value = v128.load32_splat(a + 2 * nextRow);
    s20 = f32x4.add(s20, f32x4.mul(value, b0));
    s21 = f32x4.add(s21, f32x4.mul(value, b1));
    value = v128.load32_splat(a + 3 * nextRow);
    s30 = f32x4.add(s30, f32x4.mul(value, b0));
    s31 = f32x4.add(s31, f32x4.mul(value, b1));
    a += nextInner;
    b += lineB;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c + lineB, s10);
  v128.store(c + lineB, s11, 16);
  v128.store(c + 2 * lineB, s20);
  v128.store(c + 2 * lineB, s21, 16);
  v128.store(c + 3 * lineB, s30);
  v128.store(c + 3 * lineB, s31, 16);
}

function block1x4(a: usize, nextInner: usize, b: usize, lineB: usize, c: usize, inner: i32): void {
  let sum = f32x4.splat(0);
  for (let k = 0; k < inner; k++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a), v128.load(b)));
    a += nextInner;
    b += lineB;
  }
  v128.store(c, sum);
}

function single(a: usize, nextInner: usize, b: usize, lineB: usize, c: usize, inner: i32): void {
  let sum: f32 = 0;
  for (let k = 0; k < inner; k++) {
    sum += load<f32>(a) * load<f32>(b);
    a += nextInner;
    b += lineB;
  }
  store<f32>(c, sum);
}
