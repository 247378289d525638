/** Rows that are multiplied together: their sums fit into registers. */
const height = 4;

/** Rows of float64 numbers, `height` of them interleaved, so that a product reads memory in order. */
export interface Panels {
  readonly rows: number;
  readonly inner: number;
  readonly values: Float64Array;
}

/** Memory for `rows` rows of `inner` numbers. Rows that fill up the last panel stay zero. */
export function createPanels(rows: number, inner: number): Panels {
  const values = new Float64Array(Math.ceil(rows / height) * height * inner);
  return { rows, inner, values };
}

/**
 * Fills panels from a matrix that lies anywhere in `source`: number k of row r is at from + r · rowStride + k ·
 * innerStride.
 */
export function fillPanels(
  { rows, inner, values }: Panels,
  source: Float32Array,
  from: number,
  rowStride: number,
  innerStride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const lane = row % height;
    let to = (row - lane) * inner + lane;
    for (let k = 0, at = from + row * rowStride; k < inner; k++, at += innerStride, to += height)
      values[to] = source[at];
  }
}

/** out[i, j] += a[i] · b[j], for all rows of `a` and `b`; `out` is row-major, a.rows x b.rows. */
export function addProducts(a: Panels, b: Panels, out: Float64Array): void {
  const { inner } = a;
  const sums = new Float64Array(height * height);
  for (let i = 0; i < a.rows; i += height)
    for (let j = 0; j < b.rows; j += height) {
      multiplyPanels(a.values, i * inner, b.values, j * inner, inner, sums);
      const [lastRow, lastColumn] = [Math.min(height, a.rows - i), Math.min(height, b.rows - j)];
      for (let r = 0; r < lastRow; r++) {
        const to = (i + r) * b.rows + j;
        for (let c = 0; c < lastColumn; c++) out[to + c] += sums[r * height + c];
      }
    }
}

/** Four rows times four rows. Sums in variables, which stay in registers: three times as fast as in an array. */
function multiplyPanels(
  a: Float64Array,
  aFrom: number,
  b: Float64Array,
  bFrom: number,
  inner: number,
  sums: Float64Array,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let k = 0, p = aFrom, q = bFrom; k < inner; k++, p += 4, q += 4) {
    const [b0, b1, b2, b3] = [b[q], b[q + 1], b[q + 2], b[q + 3]];
    const [a0, a1, a2, a3] = [a[p], a[p + 1], a[p + 2], a[p + 3]];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  sums.set([s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33]);
}
