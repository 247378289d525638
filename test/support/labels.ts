import { builtins } from '../../src/simulation/catalogue.js';
import { columnsOf } from '../../src/simulation/mode.js';
import { Labels } from '../../src/study/labels.js';

/** Of what comes with byzsim. */
export const labels = new Labels(builtins);

export const columns = columnsOf(builtins.modes.values());
