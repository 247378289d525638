import { honestServer } from './none.js';
import { randomModel } from './random.js';
import { reversed } from './reversed.js';
import type { ServerAttackDefinition } from './server-attack.js';
import { silent } from './silent.js';
import { split } from './split.js';

/** The attacks of servers that come with byzsim. */
export const serverAttacks = [honestServer, reversed, randomModel, split, silent] as ServerAttackDefinition[];
