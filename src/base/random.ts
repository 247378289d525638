import seedrandom from 'seedrandom';
import { StateTree } from './state.js';

/** Uniform draws in [0, 1). */
export type Random = () => number;

/**
 * The random stream of one purpose in one run. Streams of different purposes are independent, so that drawing more
 * from one never moves another: changing the attack does not change who arrives when. Its state is saved as `purpose`.
 */
export function randomStream(seed: number, purpose: string, state = new StateTree()): Random {
  let generator = seedrandom.xor4096(`${seed}/${purpose}`, { state: true });
  state.register(purpose, {
    save: () => generator.state(),
    load: (saved) => (generator = seedrandom.xor4096('', { state: saved as seedrandom.State.Xor4096 })),
  });
  return () => generator.double();
}

/** A standard normal draw (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
}

/** Puts a list in random order, in place (Fisher and Yates). */
export function shuffle(list: number[] | Uint32Array, random: Random): void {
  for (let k = list.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [list[k], list[other]] = [list[other], list[k]];
  }
}
