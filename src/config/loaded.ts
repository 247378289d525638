import type { Config } from './config.js';
import type { Identity } from './identity.js';
import type { Needs } from './needs.js';

/** An experiment as its config was loaded: all that is known before it is run. */
export interface LoadedConfig {
  /** Resolved. */
  config: Config;
  needs: Needs;
  identity: Identity;
  /** Paths of the keys that the user gave; the others are defaults, which follow from these. */
  given: readonly string[];
}
