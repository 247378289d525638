import { UserError } from '../base/errors.js';
import type { StateTree } from '../base/state.js';
import { fail, type Written } from './guard.js';

/** How many first calls are followed by a look at what they left. */
const mostLooks = 2;

/**
 * What a part of the user's remembers is held to be plain data after its first calls: at the first checkpoint hours may
 * have gone.
 *
 * @param create makes the part, which registers what it remembers
 * @returns what `create` made, and what to call after each of the part's calls: it throws a UserError that says where
 */
export function watchMemory<T>(
  state: StateTree,
  create: () => T,
): { made: T; look: (written: Written) => void } {
  const before = new Set(state.paths());
  const made = create();
  const own = state.paths().filter((path) => !before.has(path));
  let looks = own.length > 0 ? mostLooks : 0;
  const look = (written: Written) => {
    if (looks === 0) return;
    looks--;
    try {
      for (const path of own) {
        const saved = state.saveOne(path);
        if (!(saved instanceof Promise)) structuredClone(saved);
      }
    } catch (error) {
      if (error instanceof UserError || error instanceof DOMException) fail(written, error.message);
      throw error;
    }
  };
  return { made, look };
}
