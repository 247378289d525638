import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { sentenceOf } from '../base/explain.js';
import { importModule } from '../base/modules/import.js';
import { models } from '../models/index.js';
import type { ModelDefinition } from '../models/model.js';
import { constructExecutor } from './engines.js';
import { JobRunner, type Job } from './job.js';
import { LaneMeter, metered } from './profile.js';
import type { ThreadMessage, ThreadSetup } from './thread-lane.js';

/** Entry point of a compute thread: one executor, jobs one after another. */
const port = parentPort!;
const send = (message: ThreadMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

try {
  const {
    chosen,
    model: { config, module },
    dataset,
    meter,
  } = workerData as ThreadSetup;
  const definition = await findModel(config.name, module);
  const model = definition.create(config, dataset);
  const jobs = new JobRunner(await constructExecutor(chosen, model), model, dataset);
  const runner = meter ? metered(jobs, new LaneMeter(meter)) : jobs;
  let last: Promise<void> = Promise.resolve();
  let closing = false;
  port.on('message', (message: { id: number; job: Job } | 'close') => {
    if (message === 'close') {
      closing = true;
      void last.then(() => port.close());
      return;
    }
    const { id, job } = message;
    last = last.then(async () => {
      await setImmediate(); // lets a message to close come in between two jobs
      if (closing) return;
      try {
        const result = await runner.run(job);
        const buffer = 'gradient' in result ? result.gradient.buffer : undefined;
        send({ kind: 'result', id, result }, buffer instanceof ArrayBuffer ? [buffer] : []);
      } catch (error) {
        send({ kind: 'failed', id, ...described(error) });
      }
    });
  });
  send({ kind: 'ready' });
} catch (error) {
  const { message, sentence } = described(error);
  send({
    kind: 'failed',
    id: undefined,
    message: sentence ? message : `a compute thread could not start: ${message}`,
    sentence,
  });
}

/** What went wrong, and whether that is a sentence for the user. */
function described(error: unknown): { message: string; sentence: boolean } {
  const sentence = sentenceOf(error);
  return { message: sentence ?? (error as Error).message, sentence: sentence !== undefined };
}

/** The model's definition: the default export of its module, or one that comes with byzsim. */
async function findModel(name: string, module: string | undefined): Promise<ModelDefinition> {
  if (module !== undefined) return (await importModule(module)).value as ModelDefinition;
  return models.find((model) => model.name === name)!;
}
