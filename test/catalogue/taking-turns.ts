import { z } from 'zod';
import { defineMode } from '../../src/simulation/mode.js';
import { Worker } from '../../src/simulation/worker.js';

/** Workers send one after the other, in the order of their ids, so many rounds of silence between them. */
export const takingTurns = defineMode({
  name: 'taking-turns',
  title: 'taking turns',
  summary: 'workers send one after the other',
  source: 'a test',
  parameters: { pause: z.number().min(0).default(1).describe('virtual time between two messages') },
  workers: 'one-by-one',
  unit: 'step',
  weighted: false,
  columns: [{ name: 'turns', title: 'turns taken' }],
  create({ pause }, parts) {
    const server = parts.createServer();
    const workers = Array.from({ length: parts.workers }, (_, id) => {
      const worker = new Worker(parts, server.statistics, id);
      parts.state.register(`workers/${id + 1}`, worker);
      return worker;
    });
    const turns = parts.state.remember('turns', 0);
    return {
      servers: [server],
      async step() {
        if (turns.value === 0) {
          for (const worker of workers) worker.start(server.model);
          for (const worker of workers) await worker.begin(workers);
        }
        const update = turns.value++;
        const worker = workers[update % workers.length];
        await worker.deliver(update);
        worker.dispatch(server.model, update, worker.count);
        server.step(
          workers.map(({ current }) => current),
          workers.map(() => 1),
          workers.map(({ finite }) => finite),
        );
        worker.prepare(server.model);
        worker.craft(workers, turns.value);
      },
      report: () => ({
        time: pause * turns.value,
        epoch: (turns.value * parts.batchSize) / parts.passSize,
        trainLoss: undefined,
        columns: { turns: turns.value },
      }),
    };
  },
});
