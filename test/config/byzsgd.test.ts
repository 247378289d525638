import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { nodeNames } from '../../src/simulation/byzsgd/nodes.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { loadConfig } from '../../src/sweep/load.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-byzsgd-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');
writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n');

const base = {
  mode: 'byzsgd',
  dataset: { points: 'points.csv' },
  workers: 4,
  byzantine: { count: 1, attack: 'sign-flip' },
  servers: { count: 5, byzantine: 1 },
  aggregator: 'mda',
  optimizer: 'sgd',
  updates: 10,
};

function load(changes: object) {
  writeFileSync(file, stringify({ ...base, ...changes }));
  return loadConfig(file, [], builtins);
}

/** The problems of a config, without their places. */
async function problems(changes: object): Promise<string[]> {
  const error: unknown = await load(changes).then(
    () => new Error('no problem'),
    (reason: unknown) => reason,
  );
  return (error as Error).message
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ *\S+:\d+(:\d+)?: /, ''));
}

describe('the mode', () => {
  test('misspelt is the one problem: keys that some mode takes are not held against the others', async () => {
    const own = { byzantine: { ...base.byzantine, perServer: true }, gatherEvery: 3 };
    expect(await problems({ ...own, mode: 'byzgsd' })).toEqual([
      'unknown mode: byzgsd (did you mean byzsgd?)',
    ]);
  });

  test('that takes no perServer says which does', async () => {
    const rest = { ...base, servers: null };
    writeFileSync(
      file,
      stringify({ ...rest, mode: 'sync', byzantine: { ...base.byzantine, perServer: true } }),
    );
    await expect(loadConfig(file, [], builtins)).rejects.toThrow(
      'invalid key: perServer (mode sync takes none; byzsgd does)',
    );
  });

  test('has columns of its own, which alone thresholds can be about, unless they say of which cells', async () => {
    const rest = { ...base, servers: null };
    const sync = (thresholds: object) => {
      writeFileSync(file, stringify({ ...rest, mode: 'sync', thresholds }));
      return loadConfig(file, [], builtins);
    };
    const drift = { 'final.drift': 'mean <= 1' };
    await expect(sync(drift)).rejects.toThrow(
      'invalid quantity: final.drift (mode sync has no drift; it has ',
    );
    await expect(sync({ 'time to drift 1': 'mean <= 1' })).rejects.toThrow('(mode sync has no drift; ');
    await expect(sync({ where: { mode: 'byzsgd' }, ...drift })).resolves.toBeDefined();
    await expect(load({ thresholds: drift })).resolves.toBeDefined();
  });
});

describe('what a config leaves out', () => {
  test('is spelled out: quorums at their upper ends, no attack, delays of mean 1, T = 333', async () => {
    const { config } = await load({});
    expect(config).toMatchObject({
      servers: { count: 5, byzantine: 1, attack: { attack: 'none' }, quorum: 4 },
      network: { delay: { process: 'exponential', mean: 1 } },
      quorum: 3,
      gatherEvery: 333,
    });
    expect(config.faults).toBeUndefined();
  });

  test('is the same where it is said', async () => {
    const { identity } = await load({});
    const said = await load({
      byzantine: { ...base.byzantine, perServer: false },
      servers: { ...base.servers, attack: 'none', quorum: 4 },
      network: { delay: 'exponential' },
      quorum: 3,
      gatherEvery: 333,
      faults: [],
    });
    expect(said.identity.hash).toBe(identity.hash);
  });

  test('is no quorum in a synchronous network', async () => {
    const { config } = await load({ network: 'synchronous' });
    expect(config.network).toBe('synchronous');
    expect(config.servers).not.toHaveProperty('quorum');
    expect(config).not.toHaveProperty('quorum');
  });

  test('is a number for delays that are all alike', async () => {
    const { config } = await load({ network: { delay: 2 } });
    expect(config.network).toEqual({ delay: { process: 'deterministic', mean: 2 } });
  });
});

describe('what is wrong is said', () => {
  test.each<[object, string]>([
    [
      { servers: { count: 4, byzantine: 1 } },
      'invalid count: 4 (expected n_ps >= 3 f_ps + 2 = 5, with n_ps = 4 and f_ps = 1)',
    ],
    [{ servers: { count: 2, byzantine: 2 } }, 'invalid byzantine: 2 (expected fewer than the 2 servers)'],
    [{ servers: { count: 5, attack: 'revers' } }, 'unknown server attack: revers (did you mean reversed?)'],
    [{ servers: { number: 5 } }, 'unknown key: number'],
    [{ workers: 3 }, 'invalid workers: 3 (expected n_w >= 3 f_w + 1 = 4, with n_w = 3 and f_w = 1)'],
    [{ network: 'synchronus' }, 'unknown network: synchronus (did you mean synchronous?)'],
    [{ network: { delay: -1 } }, 'invalid delay: -1 (expected number >= 0)'],
    [
      { network: { delay: { process: 'exponental' } } },
      'unknown delay: exponental (did you mean exponential?)',
    ],
    [{ network: { delay: { links: 'nowhere.csv' } } }, 'missing links: '],
    [{ gatherEvery: 'never' }, 'invalid gatherEvery: never'],
    [{ faults: [{ node: 's6', crashAt: 1 }] }, 'unknown node: s6 (expected s1 to s5 or w1 to w4)'],
    [{ faults: [{ node: 's1' }] }, 'missing silentFrom: a fault needs one, or crashAt'],
    [
      { faults: [{ node: 's1', crashAt: 1, until: 2 }] },
      'invalid key: until (what has crashed does not come back',
    ],
    [
      { faults: [{ node: 's1', silentFrom: 5, until: 5 }] },
      'invalid until: 5 (expected more than silentFrom, 5)',
    ],
    [{ faults: { node: 's1', crashAt: 1 } }, 'invalid faults: '],
    [{ arrival: { compute: [1, 2, 3] } }, 'invalid compute: 3 numbers (expected one per worker, 4)'],
    [
      { byzantine: { count: 1, schedule: 'interval' } },
      'invalid schedule: interval (in a step every worker sends one message; leave it out)',
    ],
    [
      { byzantine: { count: 1, perServer: true } },
      'invalid perServer: true (attack none sends what honest workers do; name another)',
    ],
    [{ mode: 'sync' }, 'invalid key: servers (mode sync takes none; byzsgd does)'],
    [
      { mode: 'async', servers: undefined, arrival: { compute: [1, 2, 3, 4] } },
      'invalid key: compute (workers arrive one by one; give their speeds, such as id)',
    ],
  ])('%j: %s', async (changes, message) => {
    const found = await problems(changes);
    expect(
      found.some((each) => each.startsWith(message)),
      found.join('\n'),
    ).toBe(true);
  });
});

describe('a file of links', () => {
  const names = nodeNames(5, 4);
  const pairs = names.flatMap((from) => names.map((to) => [from, to]));
  const lines = pairs
    .filter(([from, to]) => from !== to && !(from.startsWith('w') && to.startsWith('w')))
    .map(([from, to], k) => `${from},${to},${k / 10}`);
  const loadLinks = (content: readonly string[], name = 'links.csv') => {
    writeFileSync(join(folder, name), content.join('\n'));
    return { network: { delay: { links: name } } };
  };

  test('counts by its content, not by its name', async () => {
    const whole = ['from,to,delay', ...lines];
    const { identity } = await load(loadLinks(whole));
    expect((await load(loadLinks(whole, 'same.csv'))).identity.hash).toBe(identity.hash);
    const other = ['from,to,delay', 's1,s2,9', ...lines.slice(1)];
    expect((await load(loadLinks(other))).identity.hash).not.toBe(identity.hash);
  });

  test.each<[string, readonly string[], string]>([
    ['without titles', lines, ':1: invalid titles: '],
    ['that lacks a link', ['from,to,delay', ...lines.slice(1)], ': missing link: s1 to s2 ('],
    [
      'with a link twice',
      ['from,to,delay', ...lines, lines[0]],
      `:${lines.length + 2}: invalid link: s1 to s2 is there twice`,
    ],
    [
      'between workers',
      ['from,to,delay', 'w1,w2,1', ...lines],
      ':2: invalid link: w1 to w2 (workers send to servers alone)',
    ],
    [
      'of a stranger',
      ['from,to,delay', 's9,w2,1', ...lines],
      ':2: unknown node: s9 (expected s1 to s5 or w1 to w4)',
    ],
    [
      'with a negative delay',
      ['from,to,delay', 's1,s2,-1', ...lines.slice(1)],
      ':2: invalid delay: "-1" (expected number >= 0)',
    ],
    [
      'with a column too many',
      ['from,to,delay', 's1,s2,1,1', ...lines.slice(1)],
      ':2: 4 columns, expected from,to,delay',
    ],
  ])('%s is refused, with its line', async (_, content, message) => {
    const [found] = await problems(loadLinks(content));
    expect(found).toContain(`links.csv${message}`);
  });
});
