import { cifar10 } from './cifar10.js';
import type { DatasetDefinition } from './dataset.js';
import { digits } from './digits.js';
import { mnist } from './mnist.js';
import { points } from './points.js';

/** The data sets that come with byzsim. */
export const datasets: DatasetDefinition[] = [digits, mnist, cifar10, points];
