/**
 * Whether rules that keep what they found of messages that did not change make the same bytes as without, over as many
 * random updates as are asked for: test/aggregators/changing-messages.test.ts at length.
 *
 *     npm run changing-messages -- 100000
 *
 * Exit status: 0, or 1 where a byte differs.
 */
import { randomStream } from '../src/base/random.js';
import { differingUpdates } from '../test/support/changing-messages.js';

const asked = Number(process.argv[2] ?? 100_000);
if (!Number.isInteger(asked) || asked < 1) {
  process.stderr.write('usage: npm run changing-messages -- [UPDATES]\n');
  process.exit(2);
}
/** After so many updates the messages are drawn anew. */
const updates = 1000;
const rules = ['upper', 'lower', 'midpoint'].map((tie) => ({ rule: 'cwmed', tie }));

let [made, differing] = [0, 0];
for (let k = 0; made < asked; k++) {
  const rule = rules[k % rules.length];
  const random = randomStream(k, 'changing messages');
  const workers = 100 + Math.floor(500 * random() ** 3);
  const found = await differingUpdates({ workers, dimension: 19, updates, rule, random });
  made += updates;
  differing += found.length;
  for (const update of found) process.stdout.write(`differs: stream ${k}, update ${update}, ${rule.tie}\n`);
}
process.stdout.write(`${made} updates, ${differing} with other bytes\n`);
process.exitCode = differing === 0 ? 0 : 1;
