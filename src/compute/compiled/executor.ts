import type * as Ort from 'onnxruntime-node';
import { targetSize } from '../../data/dataset.js';
import type { Model } from '../../models/model.js';
import { sizes } from '../gradient.js';
import type { Executor, HostGradient } from '../executor.js';
import type { DeviceName } from '../engine.js';
import { compileFunction, type CompiledModel } from './compile.js';
import { bytesOf, fixInputs, operatorsOf, OnnxWriter } from './onnx.js';
import { deviceOnly, loadRuntime, sessionOptions, whyNot } from './providers.js';

export interface OnnxOptions {
  /** Where ONNX Runtime computes; default 'cpu'. */
  device?: DeviceName;
  /** Threads of one operation; default 1, since executors run side by side in threads of their own. */
  intraOpThreads?: number;
  /** Gives a function of the model for a batch size; default: compile it here. */
  compile?: (batch: number, what: keyof CompiledModel) => Uint8Array;
}

/** How many batch sizes keep their sessions: the training batch, the evaluation batch and the last, shorter ones. */
const cachedBatches = 4;

/**
 * Models of up to so many parameters may be constants of sessions. Of larger ones a session takes a second to open and
 * several times their memory, in every thread, and resnet18 gained a tenth.
 */
const fewParameters = 1_000_000;

/**
 * An executor on ONNX Runtime. A function of the model is compiled for each batch size when it is first asked for.
 *
 * @throws Error when onnxruntime-node does not load here, or does not have the device
 */
export async function createOnnxExecutor(model: Model, options: OnnxOptions = {}): Promise<Executor> {
  const {
    device = 'cpu',
    intraOpThreads = 1,
    compile = (batch, what) => compileFunction(model, batch, what, device),
  } = options;
  const ort = await loadRuntime(device);
  const sessions = sessionOptions(device, intraOpThreads);
  const length = sizes(model);

  const open: Open = (bytes) => ort.InferenceSession.create(bytes, sessions);
  await probe(ort, device, sessions);
  // A session that did not open was reported where it was asked for.
  const release: Release = (session) =>
    session.then(
      (opened) => opened.release(),
      () => undefined,
    );
  const gradients = remember(cachedBatches, (batch) => open(compile(batch, 'gradient')), release);
  const predictors = remember(
    cachedBatches,
    (batch) => {
      const bytes = compile(batch, 'prediction');
      const fixed = device === 'cpu' && length.parameters <= fewParameters && operatorsOf(bytes).has('Conv');
      return fixed ? sessionOfEach(bytes, open, release) : oneSession(open(bytes), release);
    },
    (opened) => opened.close(),
  );

  const tensor = (values: Float32Array, shape: readonly number[]) =>
    new ort.Tensor('float32', unshared(values), shape);

  return {
    version: ort.env.versions.node ?? ort.env.versions.common,

    async gradient(parameters, inputs, targets, batch): Promise<HostGradient> {
      const session = await gradients.get(batch);
      const results = await session.run({
        parameters: tensor(parameters, [length.parameters]),
        inputs: tensor(inputs, [batch, ...model.input.shape]),
        targets: tensor(targets, [batch, targetSize(model.input)]),
      });
      return {
        loss: floats(results.loss)[0],
        gradient: floats(results.gradient),
        statistics: floats(results.statistics),
      };
    },

    async predict(parameters, statistics, inputs, batch): Promise<Float32Array> {
      const session = await predictors.get(batch).session({ parameters, statistics });
      const given = {
        parameters: { values: parameters, shape: [length.parameters] },
        statistics: { values: statistics, shape: [length.statistics] },
        inputs: { values: inputs, shape: [batch, ...model.input.shape] },
      };
      const feeds = Object.entries(given)
        .filter(([name]) => session.inputNames.includes(name))
        .map(([name, { values, shape }]) => [name, tensor(values, shape)] as const);
      const { outputs } = await session.run(Object.fromEntries(feeds));
      return floats(outputs);
    },

    async close(): Promise<void> {
      await Promise.all([...gradients.clear(), ...predictors.clear()]);
    },
  };
}

/** Gives the session that evaluates a model. */
interface Predictor {
  session(model: ModelValues): Promise<Ort.InferenceSession>;
  close(): Promise<void>;
}

interface ModelValues {
  parameters: Float32Array;
  statistics: Float32Array;
}

type Open = (bytes: Uint8Array) => Promise<Ort.InferenceSession>;
type Release = (session: Promise<Ort.InferenceSession>) => Promise<void>;

/** All models are evaluated in one session, whose inputs they are. */
function oneSession(session: Promise<Ort.InferenceSession>, release: Release): Predictor {
  return { session: () => session, close: () => release(session) };
}

/**
 * Each model is evaluated in a session of its own, whose constants it is: on the CPU a convolution with a constant filter
 * runs in ONNX Runtime's blocked layout, two times as fast where channels are multiples of eight. The session takes some
 * milliseconds to open and serves all chunks of an evaluation; its memory goes with the next model's. It always is one of
 * its own: results must not depend on how many chunks a thread gets.
 */
function sessionOfEach(bytes: Uint8Array, open: Open, release: Release): Predictor {
  let last: { values: ModelValues; session: Promise<Ort.InferenceSession> } | undefined;
  const close = async () => {
    const old = last;
    last = undefined;
    if (old) await release(old.session);
  };
  return {
    async session({ parameters, statistics }) {
      if (last && same(last.values.parameters, parameters) && same(last.values.statistics, statistics))
        return last.session;
      await close();
      const values = { parameters: parameters.slice(), statistics: statistics.slice() };
      last = { values, session: open(fixInputs(bytes, values)) };
      return last.session;
    },
    close,
  };
}

/** Whether two vectors have the same bits. */
function same(a: Float32Array, b: Float32Array): boolean {
  return bytesOf(a).equals(bytesOf(b));
}

/** Opens a session of one node, so that a device that is not there or does nothing is known at once. */
async function probe(
  ort: typeof Ort,
  device: DeviceName,
  options: Ort.InferenceSession.SessionOptions,
): Promise<void> {
  const writer = new OnnxWriter();
  writer.node('Neg', ['x'], {}, ['y']);
  const graph = writer.encode('probe', [{ name: 'x', shape: [1] }], [{ name: 'y', shape: [1] }]);
  try {
    const session = await ort.InferenceSession.create(
      graph,
      device === 'cpu' ? options : deviceOnly(options),
    );
    await session.release();
  } catch (error) {
    throw new Error(`onnxruntime-node does not run on ${device} here: ${whyNot(device, error)}`, {
      cause: error,
    });
  }
}

function floats(tensor: Ort.Tensor): Float32Array {
  return tensor.data as Float32Array;
}

/** ONNX Runtime takes no views of shared memory. */
function unshared(values: Float32Array): Float32Array {
  return values.buffer instanceof SharedArrayBuffer ? values.slice() : values;
}

/** Remembers the results of `make` for the last `limit` numbers asked for; `drop` gets what is forgotten. */
function remember<T, D>(limit: number, make: (key: number) => T, drop: (value: T) => D) {
  const values = new Map<number, T>();
  return {
    get(key: number): T {
      const value = values.get(key) ?? make(key);
      values.delete(key);
      values.set(key, value);
      if (values.size > limit) {
        const [oldest, old] = values.entries().next().value!;
        values.delete(oldest);
        drop(old);
      }
      return value;
    },
    clear(): D[] {
      const dropped = [...values.values()].map(drop);
      values.clear();
      return dropped;
    },
  };
}
