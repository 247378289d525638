/**
 * Batcher's merge exchange (Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2M): the comparators that
 * sort any n values, each a pair (i, j), i < j, that puts the smaller value at i.
 */
export function mergeExchange(n) {
  const comparators = [];
  const top = 2 ** (Math.ceil(Math.log2(n)) - 1);
  for (let p = top; p >= 1; p /= 2) {
    for (let q = top, r = 0, d = p; ; d = q - p, q /= 2, r = p) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) comparators.push([i, i + d]);
      if (q === p) break;
    }
  }
  return comparators;
}

/**
 * AssemblyScript that sorts up to `most` rows per coordinate. Straight-line code keeps the values in registers: twice
 * as fast as the same comparators on memory.
 */
export function sortingNetworks(most) {
  const sizes = Array.from({ length: most }, (_, k) => k + 1);
  return [
    `export const most = ${most};`,
    ...sizes.map(network),
    'export function sortFew(rows: usize, count: i32, from: usize, out: usize, step: usize, bytes: usize): void {',
    '  switch (count) {',
    ...sizes.map((n) => `    case ${n}: sort${n}(rows, from, out, step, bytes); return;`),
    '  }',
    '}',
  ].join('\n');
}

/**
 * sort<n>: sorts n rows, each column by itself. `rows` is a table of their addresses; `bytes` of each, from the byte
 * `from` on, are read. Sorted row k goes to out + k · step.
 */
function network(n) {
  const indices = Array.from({ length: n }, (_, k) => k);
  return [
    `function sort${n}(rows: usize, from: usize, out: usize, step: usize, bytes: usize): void {`,
    '  for (let c: usize = 0; c < bytes; c += 16) {',
    '    const start = from + c;',
    ...indices.map((k) => `    let x${k} = v128.load(load<u32>(rows, ${4 * k}) + start);`),
    '    let t: v128;',
    ...mergeExchange(n).map(
      ([i, j]) => `    t = x${i}; x${i} = f32x4.pmin(t, x${j}); x${j} = f32x4.pmax(t, x${j});`,
    ),
    '    let o = out + c;',
    ...indices.map((k) => `    v128.store(o, x${k}); o += step;`),
    '  }',
    '}',
  ].join('\n');
}
