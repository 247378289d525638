// Weighted medians kept while few rows change. Of each coordinate a window of the values around its median is kept
// sorted, each distinct value with its weight; of all other rows only what weighs below the median counts. A row that
// comes or goes moves that sum, and the window where its value lies within; then the median is a few steps away. Only
// where it leaves its window are all rows looked at again. So a step costs the same for any number of rows, and the
// result is the smallest value with Σ weights of {x_i <= v} > threshold, to the bit: see weightedMedian.
import { row } from './lanes';

// The tables of `order`, an i32 or float32 for each of `length` coordinates, one table after the other:
/** The median: its value, the weight of all rows below it, and its own. */
const medianAt: usize = 0;
const belowAt: usize = 1;
const weightAt: usize = 2;
/** Every row whose value is in low..high, both included, is in the window. */
const lowAt: usize = 3;
const highAt: usize = 4;
/** Where in the window the median is, and how many values are there. One whose rows all went stays, of weight 0. */
const placeAt: usize = 5;
const countAt: usize = 6;
/** `capacity` values, and their weights, of every coordinate. */
const windowAt: usize = 7;

/** More than all weights together. Of coordinates that are padding, so that their median stays 0. */
const heavy: i32 = 1 << 30;

/** Fewer are sorted by insertion, in bytes. */
const few: usize = 12 << 3;

/** Makes tables whose windows are all still to be filled. */
export function begin(order: usize, length: i32, dimension: i32): void {
  const table = (<usize>length) << 2;
  memory.fill(order, 0, windowAt * table);
  for (let c = 0; c < length; c++) {
    const at = order + ((<usize>c) << 2);
    store<f32>(at + lowAt * table, Infinity);
    store<f32>(at + highAt * table, -Infinity);
    if (c >= dimension) store<i32>(at + weightAt * table, heavy);
  }
}

/** A row comes, or weighs more, by `weight`; or less, or goes, where that is negative. */
export function shift(order: usize, length: i32, capacity: i32, values: usize, weight: i32): void {
  const table = (<usize>length) << 2;
  const change = i32x4.splat(weight);
  for (let at = order, end = order + table; at < end; at += 16, values += 16) {
    const x = v128.load(values);
    const median = v128.load(at);
    const below = v128.and(change, f32x4.lt(x, median));
    v128.store(at + belowAt * table, i32x4.add(v128.load(at + belowAt * table), below));
    const equal = v128.and(change, f32x4.eq(x, median));
    v128.store(at + weightAt * table, i32x4.add(v128.load(at + weightAt * table), equal));
    const inside = v128.and(
      f32x4.ge(x, v128.load(at + lowAt * table)),
      f32x4.le(x, v128.load(at + highAt * table)),
    );
    for (let lanes = i32x4.bitmask(inside); lanes != 0; lanes &= lanes - 1) {
      const lane = (<usize>ctz(lanes)) << 2;
      shiftWithin(order, at + lane, table, capacity, load<f32>(values + lane), weight);
    }
  }
}

/** The address of the window of the coordinate at `at`. */
function windowOf(order: usize, at: usize, table: usize, capacity: i32): usize {
  return order + windowAt * table + (at - order) * <usize>(capacity << 1);
}

function shiftWithin(order: usize, at: usize, table: usize, capacity: i32, value: f32, weight: i32): void {
  const values = windowOf(order, at, table, capacity);
  const weights = values + ((<usize>capacity) << 2);
  let count = load<i32>(at + countAt * table);
  let place = placeOf(values, count, value);
  if (place < count && load<f32>(values + ((<usize>place) << 2)) == value) {
    const own = weights + ((<usize>place) << 2);
    store<i32>(own, load<i32>(own) + weight);
    return;
  }
  if (count == capacity) {
    makeRoom(at, table, values, weights, capacity);
    if (value < load<f32>(at + lowAt * table) || value > load<f32>(at + highAt * table)) return;
    count = load<i32>(at + countAt * table);
    place = placeOf(values, count, value);
  }
  insert(values, place, count);
  insert(weights, place, count);
  // -0 and 0 are one value, which is 0.
  store<f32>(values + ((<usize>place) << 2), value + 0);
  store<i32>(weights + ((<usize>place) << 2), weight);
  store<i32>(at + countAt * table, count + 1);
  const median = at + placeAt * table;
  if (place <= load<i32>(median)) store<i32>(median, load<i32>(median) + 1);
}

/** How many of the values are less. */
function placeOf(values: usize, count: i32, value: f32): i32 {
  let from = 0;
  while (count > 0) {
    const half = count >> 1;
    if (load<f32>(values + ((<usize>(from + half)) << 2)) < value) {
      from += half + 1;
      count -= half + 1;
    } else count = half;
  }
  return from;
}

/** Moves what is at `place` and after it one further. */
function insert(table: usize, place: i32, count: i32): void {
  const at = table + ((<usize>place) << 2);
  memory.copy(at + 4, at, (<usize>(count - place)) << 2);
}

/** Takes values of weight 0 out of a full window; if there are none, those farthest from the median. */
function makeRoom(at: usize, table: usize, values: usize, weights: usize, capacity: i32): void {
  let place = load<i32>(at + placeAt * table);
  let count = 0;
  for (let k = 0, median = place; k < capacity; k++) {
    const weight = load<i32>(weights + ((<usize>k) << 2));
    if (k == median) place = count;
    else if (weight == 0) continue;
    store<f32>(values + ((<usize>count) << 2), load<f32>(values + ((<usize>k) << 2)));
    store<i32>(weights + ((<usize>count) << 2), weight);
    count++;
  }
  if (count == capacity) {
    const left = capacity - (capacity >> 3);
    const dropped = place < capacity >> 1 ? 0 : capacity - left;
    memory.copy(values, values + ((<usize>dropped) << 2), (<usize>left) << 2);
    memory.copy(weights, weights + ((<usize>dropped) << 2), (<usize>left) << 2);
    place -= dropped;
    count = left;
    if (dropped > 0) store<f32>(at + lowAt * table, load<f32>(values));
    else store<f32>(at + highAt * table, load<f32>(values + ((<usize>(left - 1)) << 2)));
  }
  store<i32>(at + placeAt * table, place);
  store<i32>(at + countAt * table, count);
}

/**
 * Moves every median to where `threshold` has it, and copies them to `out`. `weights`: an i32 for each of the `count`
 * rows, whose changes were all made known. Scratch: 8 · count bytes.
 * @returns how many windows had to be filled anew
 */
export function settle(
  order: usize,
  length: i32,
  capacity: i32,
  threshold: i32,
  rows: usize,
  weights: usize,
  count: i32,
  scratch: usize,
  out: usize,
): i32 {
  const table = (<usize>length) << 2;
  const limit = i32x4.splat(threshold);
  let filled = 0;
  for (let at = order, end = order + table; at < end; at += 16, out += 16) {
    const below = v128.load(at + belowAt * table);
    const upTo = i32x4.add(below, v128.load(at + weightAt * table));
    const moves = v128.or(i32x4.gt_s(below, limit), i32x4.le_s(upTo, limit));
    for (let lanes = i32x4.bitmask(moves); lanes != 0; lanes &= lanes - 1) {
      const own = at + ((<usize>ctz(lanes)) << 2);
      const values = windowOf(order, own, table, capacity);
      if (walk(own, table, values, capacity, threshold)) continue;
      fill(own, own - order, table, values, capacity, threshold, rows, weights, count, scratch);
      filled++;
    }
    v128.store(out, v128.load(at));
  }
  return filled;
}

/** Moves one median within its window. @returns whether it is there */
function walk(at: usize, table: usize, values: usize, capacity: i32, threshold: i32): bool {
  const weights = values + ((<usize>capacity) << 2);
  const count = load<i32>(at + countAt * table);
  let place = load<i32>(at + placeAt * table);
  let below = load<i32>(at + belowAt * table);
  while (below > threshold) {
    if (--place < 0) return false;
    below -= load<i32>(weights + ((<usize>place) << 2));
  }
  while (true) {
    if (place >= count) return false;
    const weight = load<i32>(weights + ((<usize>place) << 2));
    if (below + weight > threshold) break;
    below += weight;
    place++;
  }
  put(at, table, values, weights, place, below);
  return true;
}

function put(at: usize, table: usize, values: usize, weights: usize, place: i32, below: i32): void {
  store<f32>(at, load<f32>(values + ((<usize>place) << 2)));
  store<i32>(at + belowAt * table, below);
  store<i32>(at + weightAt * table, load<i32>(weights + ((<usize>place) << 2)));
  store<i32>(at + placeAt * table, place);
}

/** Finds one median among all rows, and fills its window: half, so that there is room for values that come. */
function fill(
  at: usize,
  column: usize,
  table: usize,
  values: usize,
  capacity: i32,
  threshold: i32,
  rows: usize,
  rowWeights: usize,
  count: i32,
  scratch: usize,
): void {
  const first = scratch;
  const end = first + ((<usize>count) << 3);
  for (let i = 0; i < count; i++) {
    const key = <u64>ordered(load<f32>(row(rows, i) + column));
    store<u64>(first + ((<usize>i) << 3), (key << 32) | (<u64>load<u32>(rowWeights + ((<usize>i) << 2))));
  }
  const half = (<usize>(capacity >> 2)) << 3;

  // Narrowed down to a few windows' width, sorted, and walked through.
  let from = first;
  let to = end;
  let below: i64 = 0;
  while (to - from > max(few, 3 * half)) {
    const middle = partition(from, to);
    if (middle == to) break;
    const left = sumOfWeights(from, middle);
    if (below + left > <i64>threshold) to = middle;
    else {
      from = middle;
      below += left;
    }
  }
  sortWithin(from, to, from, to);
  let median = from;
  while (below + weightOf(median) <= <i64>threshold) {
    below += weightOf(median);
    median += 8;
  }
  const low = median - first > half ? median - half : first;
  const high = end - median > half ? median + half : end;
  if (low < from) sortWithin(first, from, low, from);
  if (high > to) sortWithin(to, end, to, high);
  fillWindow(at, table, values, capacity, first, end, low, high);
  const weights = values + ((<usize>capacity) << 2);
  const value = valueOf(median);
  let place = 0;
  below = sumBelow(first, end, low);
  while (load<f32>(values + ((<usize>place) << 2)) < value) {
    below += <i64>load<i32>(weights + ((<usize>place) << 2));
    place++;
  }
  put(at, table, values, weights, place, <i32>below);
}

/** The distinct values of the sorted keys low..high, whose first and last may have equals anywhere. */
function fillWindow(
  at: usize,
  table: usize,
  values: usize,
  capacity: i32,
  first: usize,
  end: usize,
  low: usize,
  high: usize,
): void {
  const weights = values + ((<usize>capacity) << 2);
  let n = 0;
  let last: u32 = 0;
  for (let key = low; key < high; key += 8) {
    const bits = load<u32>(key, 4);
    if (n > 0 && bits == last) {
      const own = weights + ((<usize>(n - 1)) << 2);
      store<i32>(own, load<i32>(own) + load<i32>(key));
      continue;
    }
    last = bits;
    store<f32>(values + ((<usize>n) << 2), valueOf(key));
    store<i32>(weights + ((<usize>n) << 2), load<i32>(key));
    n++;
  }
  store<i32>(weights, sumOfEquals(first, end, load<u32>(low, 4)));
  store<i32>(weights + ((<usize>(n - 1)) << 2), sumOfEquals(first, end, last));
  store<i32>(at + countAt * table, n);
  store<f32>(at + lowAt * table, low == first ? -Infinity : load<f32>(values));
  store<f32>(at + highAt * table, high == end ? <f32>Infinity : load<f32>(values + ((<usize>(n - 1)) << 2)));
}

/** Keys are in the order of their values, of equal ones in that of their weights, which are their lower half. */
function ordered(value: f32): u32 {
  const bits = reinterpret<i32>(value + 0);
  return <u32>(bits ^ ((bits >> 31) | i32.MIN_VALUE));
}

function valueOf(key: usize): f32 {
  const bits = load<i32>(key, 4);
  return reinterpret<f32>(bits ^ (~(bits >> 31) | i32.MIN_VALUE));
}

function weightOf(key: usize): i64 {
  return <i64>load<i32>(key);
}

function sumOfWeights(from: usize, to: usize): i64 {
  let sum: i64 = 0;
  for (let key = from; key < to; key += 8) sum += weightOf(key);
  return sum;
}

/** What the keys of values less than that at `low` weigh. */
function sumBelow(from: usize, to: usize, low: usize): i64 {
  const bits = load<u32>(low, 4);
  let sum: i64 = 0;
  for (let key = from; key < to; key += 8) sum += load<u32>(key, 4) < bits ? weightOf(key) : 0;
  return sum;
}

function sumOfEquals(from: usize, to: usize, bits: u32): i32 {
  let sum = 0;
  for (let key = from; key < to; key += 8) sum += load<u32>(key, 4) == bits ? load<i32>(key) : 0;
  return sum;
}

/** Sorts what belongs at low..high of the keys from..to: none before is greater, none after is less. */
function sortWithin(from: usize, to: usize, low: usize, high: usize): void {
  while (to - from > few) {
    const middle = partition(from, to);
    if (middle == to) break;
    if (high <= middle) to = middle;
    else {
      if (low < middle) sortWithin(from, middle, low, high);
      from = middle;
    }
  }
  for (let i = from + 8; i < to; i += 8) {
    const key = load<u64>(i);
    let j = i;
    for (; j > from && load<u64>(j - 8) > key; j -= 8) store<u64>(j, load<u64>(j - 8));
    store<u64>(j, key);
  }
}

/**
 * Parts more than `few` keys in two: those before the address it gives are less than those from there on, or equal to
 * each other and not greater. Both parts have keys unless all keys are equal; then it gives `to`.
 */
function partition(from: usize, to: usize): usize {
  const pivot = pivotOf(from, to);
  let middle = from;
  // Exchanged whether less or not: what a branch foretold wrongly costs is more.
  for (let i = from; i < to; i += 8) {
    const key = load<u64>(i);
    store<u64>(i, load<u64>(middle));
    store<u64>(middle, key);
    middle += (<usize>(key < pivot)) << 3;
  }
  if (middle > from) return middle;
  for (let i = from; i < to; i += 8) {
    const key = load<u64>(i);
    store<u64>(i, load<u64>(middle));
    store<u64>(middle, key);
    middle += (<usize>(key == pivot)) << 3;
  }
  return middle;
}

/** The median of three keys, or of three such medians where there are many. */
function pivotOf(from: usize, to: usize): u64 {
  const step = ((to - from) >> 6) << 3;
  const middle = from + (((to - from) >> 4) << 3);
  if (step < 8 << 3) return median3(load<u64>(from), load<u64>(middle), load<u64>(to - 8));
  return median3(
    median3(load<u64>(from), load<u64>(from + step), load<u64>(from + 2 * step)),
    median3(load<u64>(middle - step), load<u64>(middle), load<u64>(middle + step)),
    median3(load<u64>(to - 8 - 2 * step), load<u64>(to - 8 - step), load<u64>(to - 8)),
  );
}

function median3(a: u64, b: u64, c: u64): u64 {
  return max(min(a, b), min(max(a, b), c));
}
