// Gradients of a 2-D convolution. The gradient that arrives at a convolution is mostly zeros, since relu and max-pool
// send it to few inputs; both kernels collect the others and skip the zeros (so that 0 · ∞ counts as 0).
import { addRow, copyRow, padded, transpose, word, zero, zeroRow } from './tfjs-memory';

/** Output positions whose patches of the input are held at once: few enough to stay in the nearest cache. */
const tile: i32 = 16;

/** A term of a weighted sum of rows: the address of the row, then its coefficient. */
const termBytes: usize = 8;

/** Bytes of scratch memory that either gradient needs. */
export function convScratch(patchLength: i32, outChannels: i32): usize {
  const rows = <usize>(outChannels + tile);
  return rows * <usize>padded(patchLength) * word + <usize>max(outChannels, tile) * termBytes;
}

/** sum[k] += Σ coefficient · row[k] over the terms, in their order. `length` is a multiple of 4. */
function accumulate(sum: usize, length: i32, terms: usize, count: i32): void {
  const end = sum + (<usize>length) * word;
  for (; count >= 4; count -= 4) {
    let a = <usize>load<u32>(terms);
    let b = <usize>load<u32>(terms, 8);
    let c = <usize>load<u32>(terms, 16);
    let d = <usize>load<u32>(terms, 24);
    const p = v128.load32_splat(terms, 4);
    const q = v128.load32_splat(terms, 12);
    const r = v128.load32_splat(terms, 20);
    const s = v128.load32_splat(terms, 28);
    for (let at = sum; at < end; at += 16) {
      let value = f32x4.add(v128.load(at), f32x4.mul(p, v128.load(a)));
      value = f32x4.add(value, f32x4.mul(q, v128.load(b)));
      value = f32x4.add(value, f32x4.mul(r, v128.load(c)));
      value = f32x4.add(value, f32x4.mul(s, v128.load(d)));
      v128.store(at, value);
      a += 16;
      b += 16;
      c += 16;
      d += 16;
    }
    terms += 4 * termBytes;
  }
  for (; count > 0; count--) {
    let a = <usize>load<u32>(terms);
    const p = v128.load32_splat(terms, 4);
    for (let at = sum; at < end; at += 16) {
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(p, v128.load(a))));
      a += 16;
    }
    terms += termBytes;
  }
}

/** Copies the input under the filter at one output position; zeros where it lies outside, and in the padding. */
function gather(
  patch: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  filterHeight: i32,
  filterWidth: i32,
  top: i32,
  left: i32,
): void {
  const row = filterWidth * channels;
  const from = max(0, -left);
  const to = min(filterWidth, width - left);
  const inside = top >= 0 && top + filterHeight <= height && from == 0 && to == filterWidth;
  const length = filterHeight * row;
  if (!inside) zeroRow(patch, padded(length));
  else zeroRow(patch + (<usize>length) * word, padded(length) - length);
  if (to <= from) return;
  for (let ky = max(0, -top), last = min(filterHeight, height - top); ky < last; ky++)
    copyRow(
      patch + (<usize>(ky * row + from * channels)) * word,
      image + (<usize>(((top + ky) * width + left + from) * channels)) * word,
      (to - from) * channels,
    );
}

/** Adds a patch to the input under the filter at one output position. */
function scatter(
  patch: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  filterHeight: i32,
  filterWidth: i32,
  top: i32,
  left: i32,
): void {
  const row = filterWidth * channels;
  const from = max(0, -left);
  const to = min(filterWidth, width - left);
  if (to <= from) return;
  for (let ky = max(0, -top), last = min(filterHeight, height - top); ky < last; ky++)
    addRow(
      image + (<usize>(((top + ky) * width + left + from) * channels)) * word,
      patch + (<usize>(ky * row + from * channels)) * word,
      (to - from) * channels,
    );
}

/** dw[ky][kx][ci][co] = Σ over batch and positions of x under the filter · dy. Every number of dw is written. */
export function convFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const length = filterHeight * filterWidth * channels;
  const stride = (<usize>padded(length)) * word;
  const patches = scratch + (<usize>outChannels) * stride;
  const terms = patches + (<usize>tile) * stride;
  const imageBytes = (<usize>(height * width * channels)) * word;
  const positions = batch * outHeight * outWidth;
  const rowBytes = (<usize>outChannels) * word;
  zero(scratch, outChannels * padded(length));

  for (let first = 0; first < positions; first += tile) {
    const held = min(tile, positions - first);
    for (let k = 0; k < held; k++) {
      const position = first + k;
      const b = position / (outHeight * outWidth);
      const oy = (position / outWidth) % outHeight;
      const ox = position % outWidth;
      gather(
        patches + (<usize>k) * stride,
        x + (<usize>b) * imageBytes,
        height,
        width,
        channels,
        filterHeight,
        filterWidth,
        oy * strideHeight - padTop,
        ox * strideWidth - padLeft,
      );
    }
    for (let co = 0; co < outChannels; co++) {
      let next = terms;
      let from = dy + (<usize>(first * outChannels + co)) * word;
      for (let patch = patches, end = patches + (<usize>held) * stride; patch < end; patch += stride) {
        const coefficient = load<f32>(from);
        store<u32>(next, <u32>patch);
        store<f32>(next, coefficient, 4);
        next += (<usize>(coefficient != 0)) * termBytes; // overwritten when zero: no branch to mispredict
        from += rowBytes;
      }
      accumulate(scratch + (<usize>co) * stride, padded(length), terms, <i32>((next - terms) / termBytes));
    }
  }

  for (let co = 0; co < outChannels; co++) {
    const sum = scratch + (<usize>co) * stride;
    for (let k = 0; k < length; k++)
      store<f32>(dw + (<usize>(k * outChannels + co)) * word, load<f32>(sum + (<usize>k) * word));
  }
}

/** dx = Σ over output positions of dy · filter, at the inputs under the filter. Every number of dx is written. */
export function convInputGradient(
  dy: usize,
  filter: usize,
  dx: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const length = filterHeight * filterWidth * channels;
  const stride = (<usize>padded(length)) * word;
  const patch = scratch + (<usize>outChannels) * stride;
  const terms = patch + (<usize>tile) * stride;
  zero(scratch, outChannels * padded(length));
  transpose(scratch, padded(length), filter, length, outChannels);
  zero(dx, batch * height * width * channels);

  for (let b = 0; b < batch; b++) {
    const image = dx + (<usize>(b * height * width * channels)) * word;
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        let next = terms;
        for (let co = 0; co < outChannels; co++) {
          const coefficient = load<f32>(dy);
          store<u32>(next, <u32>(scratch + (<usize>co) * stride));
          store<f32>(next, coefficient, 4);
          next += (<usize>(coefficient != 0)) * termBytes;
          dy += word;
        }
        if (next == terms) continue;
        zeroRow(patch, padded(length));
        accumulate(patch, padded(length), terms, <i32>((next - terms) / termBytes));
        scatter(
          patch,
          image,
          height,
          width,
          channels,
          filterHeight,
          filterWidth,
          oy * strideHeight - padTop,
          ox * strideWidth - padLeft,
        );
      }
    }
  }
}
