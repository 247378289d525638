import { expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';

/** Sends itself SIGUSR2 as soon as something answers it, with everything else still to be loaded. */
const preload = `const { on } = process;
process.on = function (name, listener) {
  on.call(this, name, listener);
  if (name === 'SIGUSR2') process.kill(process.pid, name);
  return this;
};`;

test('SIGUSR2 while the command line is being loaded: status 75, and not that of an ended process', async () => {
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}` };
  const { status, signal, stdout } = await byzsim(['list', 'attacks'], { env });
  expect([status, signal, stdout]).toEqual([75, null, '']);
});
