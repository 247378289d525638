import { copyRow, word, zero } from './tfjs-memory';

/** Columns of a panel of the right-hand matrix: two SIMD vectors. */
const width: i32 = 8;
const lineBytes: usize = 32;

/** Rows of the left-hand matrix that meet one panel after another while both are near. */
const tile: i32 = 16;

/** Inner terms summed before they join the total: long sums of float32 lose digits. */
const chunk: i32 = 64;

/** Bytes of a right-hand matrix in panels, and of a row for sums beyond its last column. */
export function panelBytes(inner: i32, columns: i32): usize {
  return <usize>((columns + width - 1) / width) * <usize>inner * lineBytes + spareBytes;
}

const spareBytes: usize = 4 * lineBytes;

/**
 * Copies an inner x columns matrix, given by its steps in bytes, to panels of eight columns: panel, inner, column.
 * Missing columns are zero.
 */
export function pack(
  panels: usize,
  b: usize,
  nextInner: usize,
  nextColumn: usize,
  inner: i32,
  columns: i32,
): void {
  for (let first = 0; first < columns; first += width) {
    const present = min(width, columns - first);
    for (let k = 0; k < inner; k++) {
      let from = b + <usize>k * nextInner + <usize>first * nextColumn;
      if (nextColumn == word && present == width) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      } else {
        for (let j = 0; j < width; j++) {
          store<f32>(panels + <usize>j * word, j < present ? load<f32>(from) : 0);
          from += nextColumn;
        }
      }
      panels += lineBytes;
    }
  }
}

/**
 * c = a · b for b in panels; a given by its steps in bytes, c dense. Every number of c is written; its terms are summed
 * in an order that depends on `inner` alone.
 */
export function product(
  a: usize,
  nextRow: usize,
  nextInner: usize,
  panels: usize,
  c: usize,
  rows: i32,
  inner: i32,
  columns: i32,
): void {
  if (inner == 0) zero(c, rows * columns);
  const lineC = <usize>columns * word;
  const panel = <usize>inner * lineBytes;
  const spare = panels + panelBytes(inner, columns) - spareBytes;
  for (let first = 0; first < rows; first += tile) {
    const end = min(rows, first + tile);
    for (let j = 0; j < columns; j += width) {
      const present = min(width, columns - j);
      for (let k = 0; k < inner; k += chunk) {
        const terms = min(chunk, inner - k);
        const b = panels + <usize>(j / width) * panel + <usize>k * lineBytes;
        for (let i = first; i < end;) {
          const count = i + 4 <= end ? 4 : 1;
          const from = a + <usize>i * nextRow + <usize>k * nextInner;
          const to = c + <usize>i * lineC + <usize>j * word;
          if (present == width) block(count, from, nextRow, nextInner, b, to, lineC, terms, k > 0);
          else {
            copyRows(spare, lineBytes, to, lineC, count, present);
            block(count, from, nextRow, nextInner, b, spare, lineBytes, terms, k > 0);
            copyRows(to, lineC, spare, lineBytes, count, present);
          }
          i += count;
        }
      }
    }
  }
}

function copyRows(
  target: usize,
  nextTarget: usize,
  source: usize,
  nextSource: usize,
  rows: i32,
  length: i32,
): void {
  for (let r = 0; r < rows; r++) {
    copyRow(target, source, length);
    target += nextTarget;
    source += nextSource;
  }
}

/** Four rows or one, by one panel: written to c, or added to it. */
function block(
  rows: i32,
  a: usize,
  nextRow: usize,
  nextInner: usize,
  b: usize,
  c: usize,
  lineC: usize,
  inner: i32,
  add: bool,
): void {
  if (rows == 4) block4(a, nextRow, nextInner, b, c, lineC, inner, add);
  else block1(a, nextInner, b, c, inner, add);
}

/**
 * c = a · b, rows x columns. a is rows x inner (inner x rows when transposed), b is inner x columns (columns x inner
 * when transposed). `scratch` holds panelBytes(inner, columns).
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
  const one = word;
  if (transposeB) pack(scratch, b, one, <usize>inner * word, inner, columns);
  else pack(scratch, b, <usize>columns * word, one, inner, columns);
  if (transposeA) product(a, one, <usize>rows * word, scratch, c, rows, inner, columns);
  else product(a, <usize>inner * word, one, scratch, c, rows, inner, columns);
}

function block4(
  a: usize,
  nextRow: usize,
  nextInner: usize,
  b: usize,
  c: usize,
  lineC: usize,
  inner: i32,
  add: bool,
): void {
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  let a1 = a + nextRow,
    a2 = a1 + nextRow,
    a3 = a2 + nextRow;
  for (const end = b + <usize>inner * lineBytes; b < end; b += lineBytes) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let value = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(value, b0));
    s01 = f32x4.add(s01, f32x4.mul(value, b1));
    value = v128.load32_splat(a1);
    s10 = f32x4.add(s10, f32x4.mul(value, b0));
    s11 = f32x4.add(s11, f32x4.mul(value, b1));
    value = v128.load32_splat(a2);
    s20 = f32x4.add(s20, f32x4.mul(value, b0));
    s21 = f32x4.add(s21, f32x4.mul(value, b1));
    value = v128.load32_splat(a3);
    s30 = f32x4.add(s30, f32x4.mul(value, b0));
    s31 = f32x4.add(s31, f32x4.mul(value, b1));
    a += nextInner;
    a1 += nextInner;
    a2 += nextInner;
    a3 += nextInner;
  }
  put(c, s00, s01, add);
  put(c + lineC, s10, s11, add);
  put(c + 2 * lineC, s20, s21, add);
  put(c + 3 * lineC, s30, s31, add);
}

function block1(a: usize, nextInner: usize, b: usize, c: usize, inner: i32, add: bool): void {
  let s0 = f32x4.splat(0),
    s1 = s0;
  for (const end = b + <usize>inner * lineBytes; b < end; b += lineBytes) {
    const value = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(value, v128.load(b, 16)));
    a += nextInner;
  }
  put(c, s0, s1, add);
}

function put(c: usize, s0: v128, s1: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), s0) : s0);
  v128.store(c, add ? f32x4.add(v128.load(c, 16), s1) : s1, 16);
}
