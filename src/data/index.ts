import { cifar10 } from './cifar10.js';
import { cifar100 } from './cifar100.js';
import type { DatasetDefinition } from './dataset.js';
import { digits } from './digits.js';
import { emnistDigits } from './emnist-digits.js';
import { fashionMnist } from './fashion-mnist.js';
import { idx } from './idx-folder.js';
import { kmnist } from './kmnist.js';
import { mnist } from './mnist.js';
import { points } from './points.js';
import { table } from './table.js';

/** The data sets that come with byzsim. */
export const datasets: DatasetDefinition[] = [
  digits,
  mnist,
  fashionMnist,
  kmnist,
  emnistDigits,
  cifar10,
  cifar100,
  points,
  table,
  idx,
];
