import type { ModeDefinition } from '../mode.js';
import { asynchronous } from './async.js';
import { byzsgd } from './byzsgd.js';
import { synchronous } from './sync.js';

/** The modes that come with byzsim. */
export const modes = [asynchronous, synchronous, byzsgd] as ModeDefinition[];
