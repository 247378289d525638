/**
 * Lets processes contend: four want one lock whose holder is gone, and two sweeps run the same study at the same time.
 * Of the four one gets the lock, always; the two sweeps end well, and the tables of the study are whole.
 *
 *     npm run locks -- [--rounds 25] [--sweeps 10]
 *
 * Prints what went wrong and counts. Exit status: 0, or 1 where something did.
 */
import { parseArgs } from 'node:util';
import { contend } from './locks/contend.js';
import { sweepTogether } from './locks/sweeps.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '25' }, sweeps: { type: 'string', default: '10' } },
});
const rounds = await contend(4, Number(values.rounds));
const wrong = rounds.filter(({ holders, errors }) => holders !== 1 || errors.length > 0);
for (const { lock, holders, errors } of wrong)
  process.stdout.write(`a lock ${lock}: ${[`${holders} holders`, ...errors].join('; ')}\n`);
process.stdout.write(
  `${rounds.length} rounds of 4 processes that want a lock: one holder in ${rounds.length - wrong.length}\n`,
);

const together = await sweepTogether(2, Number(values.sweeps), (round) => {
  process.stderr.write(`${round} of ${values.sweeps} pairs of sweeps\n`);
});
const faulty = together.filter(({ errors }) => errors.length > 0);
for (const { errors } of faulty) process.stdout.write(`two sweeps: ${errors.join('; ')}\n`);
const overlapped = together.filter((round) => round.overlapped).length;
process.stdout.write(
  `${together.length} times two sweeps of one study, ${overlapped} of them with runs to do for both: ` +
    `whole tables in ${together.length - faulty.length}\n`,
);
process.exitCode = wrong.length + faulty.length > 0 ? 1 : 0;
