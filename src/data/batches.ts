import { shuffle, type Random } from '../base/random.js';
import type { Saved, Stateful } from '../base/state.js';
import type { Batch, Dataset, Split } from './dataset.js';

/**
 * The training batches of one run, in the order workers draw them. 'shuffled': each pass over the split is a fresh
 * permutation and loses no sample; a batch may straddle two passes. 'file-order': rows in order, wrapping round.
 */
export class BatchStream implements Stateful {
  private readonly order: Uint32Array;
  private position = 0;

  /**
   * @param batchSize inputs a batch, at least 1; may exceed what there is
   * @param random draws the permutations
   * @param augment draws crops and flips; untouched when the data set has no padding
   * @param inputs indices of the training inputs to draw from, at least one; default: all
   */
  constructor(
    private readonly dataset: Dataset,
    private readonly batchSize: number,
    private readonly random: Random,
    private readonly augment: Random,
    inputs?: Uint32Array,
  ) {
    this.order = inputs?.slice() ?? Uint32Array.from({ length: dataset.train.count }, (_, index) => index);
  }

  next(): Batch {
    const order = this.order;
    const indices = new Uint32Array(this.batchSize);
    for (let k = 0; k < indices.length; k++) {
      if (this.position === 0 && this.dataset.order === 'shuffled') shuffle(order, this.random);
      indices[k] = order[this.position];
      this.position = (this.position + 1) % order.length;
    }
    const padding = this.dataset.padding ?? 0;
    return padding > 0
      ? { indices, augmentation: drawAugmentation(indices.length, padding, this.augment) }
      : { indices };
  }

  save(): Saved {
    return { order: this.order.slice(), position: this.position };
  }

  load(saved: Saved): void {
    const { order, position } = saved as { order: Uint32Array; position: number };
    this.order.set(order);
    this.position = position;
  }
}

function drawAugmentation(count: number, padding: number, random: Random): Uint8Array {
  const augmentation = new Uint8Array(3 * count);
  for (let k = 0; k < augmentation.length; k += 3) {
    augmentation[k] = Math.floor(random() * (2 * padding + 1));
    augmentation[k + 1] = Math.floor(random() * (2 * padding + 1));
    augmentation[k + 2] = random() < 0.5 ? 0 : 1;
  }
  return augmentation;
}

/** Inputs [from, to) of a split, unchanged: how evaluation reads them. */
export interface Range {
  from: number;
  to: number;
}

/**
 * Writes the inputs a model reads, row-major [batch, ...shape]: normalised images, or points as they are.
 * A crop pads the image with black (byte 0) before it is normalised, as torchvision's RandomCrop does.
 *
 * @param out length of at least batch · shape
 */
export function assembleInputs(
  dataset: Dataset,
  split: Split,
  selection: Batch | Range,
  out: Float32Array,
): void {
  const size = dataset.shape.reduce((product, length) => product * length, 1);
  if (split.inputs instanceof Float32Array) {
    copyPoints(split.inputs, size, selection, out);
    return;
  }
  const bytes = split.inputs;
  const channels = dataset.shape[2];
  const table = normalisationTable(dataset, channels);
  if ('from' in selection) {
    normalise(bytes, selection.from * size, selection.to * size, channels, table, out, 0);
    return;
  }
  const { indices, augmentation } = selection;
  for (let k = 0; k < indices.length; k++) {
    const start = indices[k] * size;
    if (augmentation) {
      crop(bytes, start, dataset, augmentation.subarray(3 * k, 3 * k + 3), table, out, k * size);
    } else {
      normalise(bytes, start, start + size, channels, table, out, k * size);
    }
  }
}

/**
 * Writes the targets a model is trained on, [batch, `targetSize`]: labels one-hot (flipped: class y becomes classes - 1 - y),
 * or numbers as they are. Nothing without labels.
 */
export function assembleTargets(
  dataset: Dataset,
  batch: Batch,
  labels: 'true' | 'flipped',
  out: Float32Array,
): void {
  const { classes, train } = dataset;
  if (dataset.numeric) {
    batch.indices.forEach((index, k) => (out[k] = train.labels[index]));
    return;
  }
  out.fill(0, 0, batch.indices.length * classes);
  if (classes === 0) return;
  for (let k = 0; k < batch.indices.length; k++) {
    const label = train.labels[batch.indices[k]];
    out[k * classes + (labels === 'flipped' ? classes - 1 - label : label)] = 1;
  }
}

function copyPoints(points: Float32Array, size: number, selection: Batch | Range, out: Float32Array): void {
  if ('from' in selection) {
    out.set(points.subarray(selection.from * size, selection.to * size));
    return;
  }
  selection.indices.forEach((index, k) =>
    out.set(points.subarray(index * size, (index + 1) * size), k * size),
  );
}

/** table[256 · channel + byte]: the byte as the model reads it. */
function normalisationTable(dataset: Dataset, channels: number): Float32Array {
  const table = new Float32Array(256 * channels);
  for (let channel = 0; channel < channels; channel++) {
    const mean = dataset.normalisation?.mean[channel] ?? 0;
    const deviation = dataset.normalisation?.deviation[channel] ?? 1;
    for (let byte = 0; byte < 256; byte++) table[256 * channel + byte] = (byte / 255 - mean) / deviation;
  }
  return table;
}

/** One pass a channel: faster than a loop over channels within each pixel. */
function normalise(
  bytes: Uint8Array,
  from: number,
  to: number,
  channels: number,
  table: Float32Array,
  out: Float32Array,
  at: number,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const values = table.subarray(256 * channel, 256 * channel + 256);
    let target = at + channel;
    for (let k = from + channel; k < to; k += channels) {
      out[target] = values[bytes[k]];
      target += channels;
    }
  }
}

/** One image shifted by its crop's offsets, mirrored left to right when it is flipped. */
function crop(
  bytes: Uint8Array,
  start: number,
  { shape: [height, width, channels], padding = 0 }: Dataset,
  [rowOffset, columnOffset, flip]: Uint8Array,
  table: Float32Array,
  out: Float32Array,
  at: number,
): void {
  const step = flip ? -1 : 1;
  const firstColumn = (flip ? width - 1 : 0) + columnOffset - padding;
  for (let row = 0; row < height; row++) {
    const fromRow = row + rowOffset - padding;
    const inside = fromRow >= 0 && fromRow < height;
    for (let channel = 0; channel < channels; channel++) {
      const values = table.subarray(256 * channel, 256 * channel + 256);
      const from = start + fromRow * width * channels + channel;
      let to = at + row * width * channels + channel;
      let column = firstColumn;
      for (let k = 0; k < width; k++) {
        const byte = inside && column >= 0 && column < width ? bytes[from + column * channels] : 0;
        out[to] = values[byte];
        to += channels;
        column += step;
      }
    }
  }
}
