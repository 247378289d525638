import type { ModeDefinition } from '../mode.js';
import { asynchronous } from './async.js';

/** The modes that come with byzsim. */
export const modes = [asynchronous] as ModeDefinition[];
