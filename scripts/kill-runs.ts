/**
 * Kills runs and sweeps of every mode at random moments with SIGKILL, and starts them again, until they are done. No run
 * that was done may be lost, no file may be half-written, no lock may be left that blocks, and what comes out has to be,
 * byte for byte, what comes out of one that was left alone.
 *
 *     npm run kills -- [--kills 200] [--seed 1]
 *
 * Prints what went wrong and counts. Exit status: 0, or 1 where something did.
 */
import { parseArgs } from 'node:util';
import { killRuns } from './kills/kill.js';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const { subjects, faults } = await killRuns(Number(values.kills), Number(values.seed), (kills) => {
  if (kills % 10 === 0) process.stderr.write(`${kills} of ${values.kills} kills\n`);
});
for (const fault of faults) process.stdout.write(`${fault}\n`);
for (const { name, kills, resumed, done } of subjects)
  process.stdout.write(
    `${name}: killed ${kills} times, went on from ${resumed} checkpoints, done ${done} times\n`,
  );
const kills = subjects.reduce((sum, subject) => sum + subject.kills, 0);
process.stdout.write(`${kills} kills, ${faults.length} faults\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
