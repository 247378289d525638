import type { Mapping } from '../base/mapping.js';
import { parseOverride } from '../config/overrides.js';

/** The values of --where and its like, `attack=sign-flip`, by key. */
export function assignments(texts: readonly string[]): Mapping {
  return Object.fromEntries(
    texts.map((text) => {
      const { path, value } = parseOverride(text);
      return [path.join('.'), value];
    }),
  );
}
