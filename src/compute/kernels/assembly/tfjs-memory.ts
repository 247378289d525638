/** Bytes of one float32. */
export const word: usize = 4;

/** A count rounded up to whole SIMD vectors. */
export function padded(count: i32): i32 {
  return (count + 3) & ~3;
}

export function zero(target: usize, count: i32): void {
  memory.fill(target, 0, <usize>count * word);
}

/** Copies a short row; memory.copy pays a call for each. */
export function copyRow(target: usize, source: usize, count: i32): void {
  let k = 0;
  for (; k + 4 <= count; k += 4)
    v128.store(target + ((<usize>k) << 2), v128.load(source + ((<usize>k) << 2)));
  for (; k < count; k++) store<f32>(target + ((<usize>k) << 2), load<f32>(source + ((<usize>k) << 2)));
}

export function zeroRow(target: usize, count: i32): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) v128.store(target + ((<usize>k) << 2), f32x4.splat(0));
  for (; k < count; k++) store<f32>(target + ((<usize>k) << 2), 0);
}

export function addRow(target: usize, source: usize, count: i32): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const at = target + ((<usize>k) << 2);
    v128.store(at, f32x4.add(v128.load(at), v128.load(source + ((<usize>k) << 2))));
  }
  for (; k < count; k++) {
    const at = target + ((<usize>k) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(source + ((<usize>k) << 2)));
  }
}

/** target[c][r] = source[r][c]; the rows of the target start `targetStride` floats apart. */
export function transpose(target: usize, targetStride: i32, source: usize, rows: i32, columns: i32): void {
  // By columns of four, so that each line of the source is read once while it is near.
  for (let c = 0; c < columns; c += 4) {
    const to = min(columns, c + 4);
    for (let r = 0; r < rows; r++) {
      const from = source + <usize>(r * columns) * word;
      for (let k = c; k < to; k++)
        store<f32>(target + <usize>(k * targetStride + r) * word, load<f32>(from + <usize>k * word));
    }
  }
}
