import { word, zero } from './tfjs-memory';

/**
 * Gives the gradient of each max-pool window to the window's first largest input (rows first), whatever its sign.
 * A NaN is never the largest; a window of NaN and -∞ alone gets nothing. Every number of dx is written.
 */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  zero(dx, batch * height * width * channels);
  for (let b = 0; b < batch; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * strideHeight - padTop;
      const fromRow = max(0, top);
      const toRow = min(height, top + filterHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * strideWidth - padLeft;
        const fromColumn = max(0, left);
        const toColumn = min(width, left + filterWidth);
        const image = b * height * width;

        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          let largest = f32x4.splat(-Infinity);
          let where = i32x4.splat(-1);
          for (let row = fromRow; row < toRow; row++) {
            for (let column = fromColumn; column < toColumn; column++) {
              const pixel = image + row * width + column;
              const value = v128.load(x + <usize>(pixel * channels + c) * word);
              const larger = f32x4.gt(value, largest);
              largest = v128.bitselect(value, largest, larger);
              where = v128.bitselect(i32x4.splat(pixel), where, larger);
            }
          }
          const gradient = v128.load(dy + <usize>c * word);
          for (let row = fromRow; row < toRow; row++) {
            for (let column = fromColumn; column < toColumn; column++) {
              const pixel = image + row * width + column;
              const at = dx + <usize>(pixel * channels + c) * word;
              const share = v128.and(gradient, i32x4.eq(where, i32x4.splat(pixel)));
              v128.store(at, f32x4.add(v128.load(at), share));
            }
          }
        }
        for (; c < channels; c++) {
          let largest: f32 = -Infinity;
          let where = -1;
          for (let row = fromRow; row < toRow; row++) {
            for (let column = fromColumn; column < toColumn; column++) {
              const pixel = image + row * width + column;
              const value = load<f32>(x + <usize>(pixel * channels + c) * word);
              if (value > largest) {
                largest = value;
                where = pixel;
              }
            }
          }
          if (where >= 0) {
            const at = dx + <usize>(where * channels + c) * word;
            store<f32>(at, load<f32>(at) + load<f32>(dy + <usize>c * word));
          }
        }
        dy += <usize>channels * word;
      }
    }
  }
}
