/**
 * Changes one file of a study in each of so many trials, and has plot, report, check and compare read it. None may end
 * with an internal error or a stack, or lose a run without a word.
 *
 *     npm run tamper -- [--trials 300] [--seed 1]
 *
 * Prints what it finds and counts. Exit status: 0, or 1 where something was found.
 */
import { parseArgs } from 'node:util';
import { tamper } from './tamper/tamper.js';

const { values } = parseArgs({
  options: { trials: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } },
});
const trials = Number(values.trials);
const findings = await tamper(trials, Number(values.seed), (trial) => {
  if (trial % 50 === 0) process.stderr.write(`${trial} of ${trials} trials\n`);
});
for (const { trial, change, command, fault } of findings)
  process.stdout.write(`trial ${trial}: ${change}: ${command}: ${fault}\n`);
process.stdout.write(`${trials} trials, ${findings.length} findings\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
