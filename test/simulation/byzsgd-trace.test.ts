import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runConfig } from '../support/run-config.js';

/** Models of ByzSGD (float64) on the stochastic quadratic, with the links of its network; see the file's note. */
const golden = JSON.parse(readFileSync(new URL('../golden/byzsgd-trace.json', import.meta.url), 'utf8')) as {
  problem: {
    servers: number;
    byzantine_servers: number;
    workers: number;
    byzantine_workers: number;
    lr: number;
    epsilon: number;
    split_factor: number;
    split_floor: number;
    x0: number[];
    /** By step, then by worker. */
    samples: number[][][];
    compute: number[];
    /** By sender, then by receiver. */
    server_to_worker: number[][];
    worker_to_server: number[][];
    server_to_server: number[][];
  };
  cases: {
    worker_attack: string;
    server_attack: string;
    rule: string;
    gather_every: number;
    steps: { models: number[][]; time: number; drift_before: number; drift: number }[];
  }[];
};

const { problem } = golden;
const folder = mkdtempSync(join(tmpdir(), 'byzsim-byzsgd-'));
afterAll(() => rmSync(folder, { recursive: true }));

const points = problem.samples.flat().map((row) => row.join(','));
writeFileSync(join(folder, 'points.csv'), points.join('\n'));

const lines = (delays: number[][], from: string, to: string) =>
  delays.flatMap((row, i) =>
    row.flatMap((delay, j) => (from === to && i === j ? [] : [`${from}${i + 1},${to}${j + 1},${delay}`])),
  );
const links = [
  'from,to,delay',
  ...lines(problem.server_to_worker, 's', 'w'),
  ...lines(problem.worker_to_server, 'w', 's'),
  ...lines(problem.server_to_server, 's', 's'),
];
writeFileSync(join(folder, 'links.csv'), links.join('\n'));

/** Attacks with the parameters of the trace, where they have any. */
const workerAttacks: Record<string, object> = { empire: { attack: 'empire', factor: problem.epsilon } };
const serverAttacks: Record<string, object> = {
  split: { attack: 'split', factor: problem.split_factor, floor: problem.split_floor },
};

describe('models of all correct servers, times and drifts are those of the trace', () => {
  for (const { worker_attack, server_attack, rule, gather_every, steps } of golden.cases) {
    test(`workers ${worker_attack}, servers ${server_attack}, ${rule}`, async () => {
      const file = join(folder, `${worker_attack}-${server_attack}-${rule}.yaml`);
      const config = {
        mode: 'byzsgd',
        dataset: { points: 'points.csv' },
        model: 'quadratic',
        initial: problem.x0,
        workers: problem.workers,
        byzantine: {
          count: problem.byzantine_workers,
          attack: workerAttacks[worker_attack] ?? worker_attack,
        },
        servers: {
          count: problem.servers,
          byzantine: problem.byzantine_servers,
          attack: serverAttacks[server_attack] ?? server_attack,
        },
        gatherEvery: gather_every,
        network: { delay: { links: 'links.csv' } },
        arrival: { compute: problem.compute },
        aggregator: rule,
        optimizer: { name: 'sgd', learningRate: problem.lr },
        updates: steps.length,
        evaluate: { every: 1 },
      };
      writeFileSync(file, stringify(config));
      const rows = await runConfig(file);
      expect(rows).toHaveLength(steps.length);
      rows.forEach(({ values, iterates }, k) => {
        const { models, time, drift_before, drift } = steps[k];
        const at = `step ${k + 1}`;
        const own = Object.values(iterates!);
        expect(own, at).toHaveLength(models.length);
        models.forEach((model, s) => {
          const distance = Math.hypot(...model.map((value, i) => value - own[s][i]));
          expect(distance / Math.hypot(...model), `${at}, server ${s + 1}`).toBeLessThan(1e-5);
        });
        const close = (value: number) => expect.closeTo(value, 5) as number;
        expect([values.time, values.drift], at).toEqual([close(time), close(drift)]);
        if ((k + 1) % gather_every === 0)
          expect([values.drift_before, values.drift_after], at).toEqual([close(drift_before), close(drift)]);
        else expect(drift_before, at).toBe(drift);
      });
    });
  }
});
