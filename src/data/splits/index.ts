import { dirichlet } from './dirichlet.js';
import { extreme, gamma } from './gamma.js';
import type { SplitDefinition } from './split.js';

/** The splits that come with byzsim, beside `iid`, which is none: all workers draw from one stream. */
export const splits = [dirichlet, gamma, extreme] as SplitDefinition[];
