/**
 * Updates and virtual time that the experiments of a study take to a test accuracy, beside the first of them:
 *
 *   node --import tsx scripts/overhead.ts FOLDER... [level=0.95]
 */
import { describeOverheads, overheads } from '../src/check/overhead.js';
import { builtins } from '../src/simulation/catalogue.js';
import { Labels } from '../src/study/labels.js';
import { readStudy } from '../src/study/study.js';

const words = process.argv.slice(2);
const level = Number(words.find((word) => word.startsWith('level='))?.slice('level='.length) ?? 0.95);
const { runs } = readStudy(words.filter((word) => !word.startsWith('level=')));
process.stdout.write(describeOverheads(overheads(runs, level, new Labels(builtins)), level));
