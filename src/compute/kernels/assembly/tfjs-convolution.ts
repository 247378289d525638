// A 2-D convolution and its gradients. The gradient that arrives at a convolution is mostly zeros, since relu and
// max-pool send it to few inputs; both gradients collect the others and skip the zeros (so that 0 · ∞ counts as 0).
import { addRow, copyRow, padded, transpose, word, zero, zeroRow } from './tfjs-memory';
import { pack, panelBytes, product } from './tfjs-products';

/** Output positions whose patches of the input are held at once: few enough to stay in the nearest cache. */
const tile: i32 = 16;

/** A term of a weighted sum of rows: the address of the row, then its coefficient. */
const termBytes: usize = 8;

/** Bytes of scratch memory that a convolution or either gradient needs. */
export function convScratch(patchLength: i32, outChannels: i32): usize {
  const patches = <usize>(tile * padded(patchLength)) * word;
  const sums = <usize>(outChannels * padded(patchLength)) * word;
  const terms = <usize>max(outChannels, tile) * termBytes;
  return patches + max(panelBytes(patchLength, outChannels), sums + terms);
}

/** sum[k] += Σ coefficient · row[k] over the terms, in their order. `length` is a multiple of 4. */
function accumulate(sum: usize, length: i32, terms: usize, count: i32): void {
  const end = sum + <usize>length * word;
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

/**
 * Copies the input under the filter at `held` output positions from `first` on, a patch each; zeros where the filter
 * reaches outside, and in the padding of a patch.
 */
function gather(
  patches: usize,
  held: i32,
  x: usize,
  first: i32,
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
  const row = filterWidth * channels;
  const length = filterHeight * row;
  const stride = <usize>padded(length) * word;
  const line = <usize>(width * channels) * word;
  let ox = first % outWidth;
  let oy = (first / outWidth) % outHeight;
  let image = x + <usize>((first / outWidth / outHeight) * height) * line;

  for (const end = patches + <usize>held * stride; patches < end; patches += stride) {
    const top = oy * strideHeight - padTop;
    const left = ox * strideWidth - padLeft;
    const fromRow = max(0, -top);
    const toRow = min(filterHeight, height - top);
    const from = max(0, -left);
    const to = min(filterWidth, width - left);
    if (toRow - fromRow == filterHeight && to - from == filterWidth)
      zeroRow(patches + <usize>length * word, padded(length) - length);
    else zeroRow(patches, padded(length));
    let source = image + <usize>(top + fromRow) * line + <usize>((left + from) * channels) * word;
    let target = patches + <usize>(fromRow * row + from * channels) * word;
    for (let ky = fromRow; ky < toRow; ky++) {
      copyRow(target, source, (to - from) * channels);
      source += line;
      target += <usize>row * word;
    }
    if (++ox == outWidth) {
      ox = 0;
      if (++oy == outHeight) {
        oy = 0;
        image += <usize>height * line;
      }
    }
  }
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
      image + <usize>(((top + ky) * width + left + from) * channels) * word,
      patch + <usize>(ky * row + from * channels) * word,
      (to - from) * channels,
    );
}

/** y[b][oy][ox][co] = Σ x under the filter · filter. Every number of y is written. */
export function convolve(
  x: usize,
  filter: usize,
  y: usize,
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
  const stride = <usize>padded(length) * word;
  const patches = scratch;
  const panels = patches + <usize>tile * stride;
  const positions = batch * outHeight * outWidth;
  pack(panels, filter, <usize>outChannels * word, word, length, outChannels);

  for (let first = 0; first < positions; first += tile) {
    const held = min(tile, positions - first);
    gather(
      patches,
      held,
      x,
      first,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padTop,
      padLeft,
    );
    const target = y + <usize>(first * outChannels) * word;
    product(patches, stride, word, panels, target, held, length, outChannels);
  }
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
  const stride = <usize>padded(length) * word;
  const patches = scratch;
  const sums = patches + <usize>tile * stride;
  const terms = sums + <usize>outChannels * stride;
  const positions = batch * outHeight * outWidth;
  const rowBytes = <usize>outChannels * word;
  zero(sums, outChannels * padded(length));

  for (let first = 0; first < positions; first += tile) {
    const held = min(tile, positions - first);
    gather(
      patches,
      held,
      x,
      first,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padTop,
      padLeft,
    );
    for (let co = 0; co < outChannels; co++) {
      let next = terms;
      let from = dy + <usize>(first * outChannels + co) * word;
      for (let patch = patches, end = patches + <usize>held * stride; patch < end; patch += stride) {
        const coefficient = load<f32>(from);
        store<u32>(next, <u32>patch);
        store<f32>(next, coefficient, 4);
        next += <usize>(coefficient != 0) * termBytes; // overwritten when zero: no branch to mispredict
        from += rowBytes;
      }
      accumulate(sums + <usize>co * stride, padded(length), terms, <i32>((next - terms) / termBytes));
    }
  }

  for (let co = 0; co < outChannels; co++) {
    const sum = sums + <usize>co * stride;
    for (let k = 0; k < length; k++)
      store<f32>(dw + <usize>(k * outChannels + co) * word, load<f32>(sum + <usize>k * word));
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
  const stride = <usize>padded(length) * word;
  const patch = scratch;
  const rows = patch + stride;
  const terms = rows + <usize>outChannels * stride;
  zero(rows, outChannels * padded(length));
  transpose(rows, padded(length), filter, length, outChannels);
  zero(dx, batch * height * width * channels);

  for (let b = 0; b < batch; b++) {
    const image = dx + <usize>(b * height * width * channels) * word;
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        let next = terms;
        for (let co = 0; co < outChannels; co++) {
          const coefficient = load<f32>(dy);
          store<u32>(next, <u32>(rows + <usize>co * stride));
          store<f32>(next, coefficient, 4);
          next += <usize>(coefficient != 0) * termBytes;
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
