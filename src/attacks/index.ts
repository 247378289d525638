import type { AttackDefinition } from './attack.js';
import { burst } from './burst.js';
import { empire } from './empire.js';
import { gaussian } from './gaussian.js';
import { infinity } from './infinity.js';
import { labelFlip } from './label-flip.js';
import { little } from './little.js';
import { mimic } from './mimic.js';
import { none } from './none.js';
import { optimalEmpire, optimalLittle } from './optimal.js';
import { signFlip } from './sign-flip.js';
import { sleeper } from './sleeper.js';
import { stale } from './stale.js';
import { zero } from './zero.js';

/** The attacks that come with byzsim. */
export const attacks = [
  none,
  labelFlip,
  signFlip,
  little,
  empire,
  mimic,
  gaussian,
  infinity,
  zero,
  optimalLittle,
  optimalEmpire,
  stale,
  sleeper,
  burst,
] as AttackDefinition[];
