import { axis } from '../../config/axes.js';
import type { FaultConfig } from '../../simulation/byzsgd/config.js';
import type { Labels } from '../../study/labels.js';
import type { StudyRun } from '../../study/study-run.js';
import { listed } from './markup.js';
import { modes, parted, words } from './words.js';

/** Of modes with several servers; says of which where there are runs of others. */
export function servers(all: readonly StudyRun[], labels: Labels): string {
  const runs = all.filter(hasServers);
  const counts = words(runs, ['servers.count']);
  if (!counts) return '';
  const byzantine = words(runs, ['servers.byzantine']);
  const attacks = words(runs, [axis.serverAttack], (value) => labels.value(axis.serverAttack, value));
  const gathers = words(runs, ['gatherEvery'], (value) => {
    if (value === 0) return 'never gather';
    return value === 'auto' ? gathersFound(runs) : `gather every ${steps(Number(value))}`;
  });
  const network = words(runs, ['network']);
  const clock = 'network.delay.process';
  const delays = words(runs, [clock], (value) => labels.value(clock, value));
  const where = runs.length < all.length ? `In ${modes(runs, labels)} training there` : 'There';
  return (
    `${where} ${counts === '1' ? 'is 1 server' : `are ${counts} servers`}, ${byzantine} of them Byzantine` +
    `${byzantine === '0' ? '' : `: ${attacks}`}.` +
    (counts === '1' ? '' : ` They ${gathers}.`) +
    (network && ` The network is ${network}.`) +
    (delays && ` Delays of messages are ${delays}.`)
  );
}

/** Where T is estimated: what it came to. */
function gathersFound(runs: readonly StudyRun[]): string {
  const found = runs
    .filter(({ axes }) => axes.get('gatherEvery') === 'auto')
    .map(({ meta }) => meta.found?.gather_every)
    .filter((value) => typeof value === 'number');
  if (found.length === 0) return 'gather as often as is found on the way';
  const [least, most] = [Math.min(...found), Math.max(...found)];
  return `gather every ${least < most ? `${least} to ` : ''}${steps(most)}, as found on the way`;
}

function steps(count: number): string {
  return count === 1 ? 'step' : `${count} steps`;
}

/** What befalls nodes: an axis of its own where some runs have none. */
export function faults(runs: readonly StudyRun[]): string {
  const own = runs.filter(({ axes }) => axes.get('faults') !== undefined);
  if (own.length === 0) return '';
  const lists = words(own, ['faults'], (value) =>
    listed((JSON.parse(String(value)) as FaultConfig[]).map(describeFault), 'and'),
  );
  const others = runs.some((run) => hasServers(run) && !own.includes(run));
  return `Faults${others ? ' of some runs' : ''}: ${lists}.`;
}

/** "w3 is silent from time 2 to 5", "s1 crashes at time 3" */
function describeFault(fault: FaultConfig): string {
  if ('crashAt' in fault) return `${fault.node} crashes at time ${fault.crashAt}`;
  const until = fault.until === undefined ? ' on' : ` to ${fault.until}`;
  return `${fault.node} is silent from time ${fault.silentFrom}${until}`;
}

/** Whether Byzantine workers tell servers apart. */
export function perServer(runs: readonly StudyRun[]): string {
  const [apart, alike] = parted(runs, ({ axes }) => axes.get('byzantine.perServer') === true);
  if (apart.length === 0) return '';
  const where = alike.some(hasServers) ? ' in some runs' : '';
  return ` Servers of even ids get 2μ - m from them in place of a message m, μ the honest mean${where}.`;
}

function hasServers({ axes }: StudyRun): boolean {
  return axes.get('servers.count') !== undefined;
}
