/**
 * Times the operations of a stack of messages, and whole rules, on one thread:
 *
 *   node --import tsx scripts/bench-stack.ts [--m 9,17,33,65] [--d 66230,265000,1000000] [--budget 500]
 *
 * Prints the fastest of the runs that fit into the budget (ms), at the least d beside the plain version, and how times
 * grow: in m at the least d, in d at the second m.
 */
import { parseArgs } from 'node:util';
import { benchStack, growth, type StackTiming } from '../src/bench/stack.js';

const { values } = parseArgs({
  options: {
    m: { type: 'string', default: '9,17,33,65' },
    d: { type: 'string', default: '66230,265000,1000000' },
    budget: { type: 'string', default: '500' },
  },
});
const sizes = values.m.split(',').map(Number);
const dimensions = values.d.split(',').map(Number);

const timings: StackTiming[] = [];
const cells = (texts: string[]) => texts.map((text) => text.padStart(12)).join('');
for (const d of dimensions) {
  for (const m of sizes) {
    const found = await benchStack(m, d, Number(values.budget), d === dimensions[0]);
    timings.push(...found);
    console.log(`\n${`m = ${m}, d = ${d}`.padEnd(26)}${cells(['SIMD ms', 'plain ms', 'ratio'])}`);
    for (const { operation, simd, plain } of found) {
      const compared = plain ? [plain.fastest.toFixed(2), (plain.fastest / simd.fastest).toFixed(1)] : [];
      console.log(`${operation.padEnd(26)}${cells([simd.fastest.toFixed(3), ...compared])}`);
    }
  }
}

console.log(`\n${'growth: time ∝ size^'.padEnd(26)}${cells(['in m', 'in d'])}`);
for (const operation of new Set(timings.map((timing) => timing.operation))) {
  const own = timings.filter((timing) => timing.operation === operation);
  const inM = growth(
    own.filter(({ d }) => d === dimensions[0]),
    'm',
  );
  const inD = growth(
    own.filter(({ m }) => m === (sizes[1] ?? sizes[0])),
    'd',
  );
  console.log(`${operation.padEnd(26)}${cells([inM.toFixed(2), inD.toFixed(2)])}`);
}
