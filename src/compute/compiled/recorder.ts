import * as tf from '@tensorflow/tfjs-core';
import { targetSize } from '../../data/dataset.js';
import type { Model } from '../../models/model.js';
import { lossGradient, predictions, sizes } from '../gradient.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { GraphBuilder } from './builder.js';
import { sizeOfShape, type Graph, type Node } from './graph.js';
import { kernels } from './kernels.js';

const backendName = 'byzsim-recorder';

/** A tfjs backend that computes nothing: its tensors are graph nodes, and its kernels append to the graph. */
class Recorder extends tf.KernelBackend {
  readonly builder = new GraphBuilder();
  /** Fetches what it does not hold from the backend that does, for instance a table that a model keeps. */
  private readonly values = new tf.DataStorage<Node>(this, tf.engine());
  private readonly references = new Map<object, number>();

  /** The tensor info of a node, as kernels return it. */
  put(node: Node): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, node);
    this.references.set(dataId, 1);
    return { dataId, shape: [...node.shape], dtype: 'float32' };
  }

  node(tensor: tf.TensorInfo): Node {
    return this.values.get(tensor.dataId);
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const { dataId } = this.put(this.constant(values, shape, dtype));
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    this.values.set(dataId, this.constant(values, shape, dtype));
    this.references.set(dataId, refCount);
  }

  override readSync(dataId: object): tf.BackendValues {
    const node = this.values.get(dataId);
    const { operation } = node;
    if (operation.op === 'Constant') return operation.values;
    if (operation.op === 'Uniform') return new Float32Array(sizeOfShape(node.shape)).fill(operation.value);
    throw new Error('it reads the values of a tensor, which are not known when it is traced');
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: object, force = false): boolean {
    const count = this.references.get(dataId)! - 1;
    this.references.set(dataId, count);
    if (count > 0 && !force) return false;
    this.references.delete(dataId);
    return this.values.delete(dataId);
  }

  override incRef(dataId: object): void {
    this.references.set(dataId, this.references.get(dataId)! + 1);
  }

  override refCount(dataId: object): number {
    return this.references.get(dataId) ?? 0;
  }

  override numDataIds(): number {
    return this.values.numDataIds();
  }

  override memory() {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return super.epsilon();
  }

  /** Keeps its values: another backend may fetch a tensor back that a model's trace brought here. */
  override dispose(): void {}

  private constant(values: tf.BackendValues, shape: number[], dtype: tf.DataType): Node {
    if (dtype === 'string' || dtype === 'complex64') throw new Error(`it has a ${dtype} tensor`);
    return this.builder.constant(Float32Array.from(values as Float32Array), shape);
  }
}

let registered = false;

function registerKernels(): void {
  if (registered) return;
  registerKernelGradients();
  for (const [kernelName, kernel] of Object.entries(kernels))
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc({ inputs, attrs, backend }) {
        const recorder = backend as Recorder;
        const named = Object.fromEntries(
          Object.entries(inputs).map(([name, tensor]) => [name, recorder.node(tensor as tf.TensorInfo)]),
        );
        const result = kernel(recorder.builder, named, attrs ?? {}, Object.values(named));
        return Array.isArray(result) ? result.map((node) => recorder.put(node)) : recorder.put(result);
      },
    });
  registered = true;
}

/**
 * Runs `body` once with symbolic tensors and returns the graph of what it would compute. The backend that was active
 * before is active again when this returns, and no tensor is left behind.
 *
 * @param inputs shapes by name
 * @throws Error naming the kernel, when `body` runs one that the recorder does not know
 */
export function record(
  name: string,
  inputs: Readonly<Record<string, readonly number[]>>,
  body: (tensors: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): Graph {
  registerKernels();
  const engine = tf.engine();
  const previous = engine.backendName as string | null | undefined;
  const recorder = new Recorder();
  tf.registerBackend(backendName, () => recorder);
  // A factory that is not a promise makes this synchronous: nothing else runs while the recorder is active.
  void engine.setBackend(backendName);
  engine.startScope(name);
  try {
    const nodes = Object.entries(inputs).map(([input, shape]) => recorder.builder.input(input, shape));
    const tensors = nodes.map((node) => {
      const { dataId, shape, dtype } = recorder.put(node);
      return engine.makeTensorFromDataId(dataId, shape, dtype, recorder);
    });
    const results = body(Object.fromEntries(Object.keys(inputs).map((input, k) => [input, tensors[k]])));
    const outputs = Object.entries(results).map(([output, tensor]) => {
      const node = recorder.node(tensor);
      tensor.dispose();
      return [output, node] as const;
    });
    return { name, inputs: nodes, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /kernel '(\w+)'.*byzsim-recorder/i.exec(message)?.[1];
    throw new Error(`cannot compile ${name}: ${unknown ? `unknown kernel ${unknown}` : message}`, {
      cause: error,
    });
  } finally {
    engine.endScope();
    if (previous) void engine.setBackend(previous);
    tf.removeBackend(backendName);
  }
}

/** The two functions of a model as graphs, for batches of one size. */
export interface ModelGraphs {
  /** (parameters, inputs, targets) -> (loss, gradient, statistics) */
  readonly gradient: Graph;
  /** (parameters, statistics, inputs) -> (outputs) */
  readonly prediction: Graph;
}

/**
 * Traces one function of a model for batches of `batch` rows. Parameters and statistics are flat vectors, as in
 * `Executor`.
 * @throws Error naming the model and the kernel when the model runs a kernel that has no translation
 */
export function traceFunction(model: Model, batch: number, what: keyof ModelGraphs): Graph {
  const { parameters, statistics } = sizes(model);
  const inputs = [batch, ...model.input.shape];
  if (what === 'gradient')
    return record(
      model.name,
      { parameters: [parameters], inputs, targets: [batch, targetSize(model.input)] },
      (t) => lossGradient(tf, model, t.parameters as tf.Tensor1D, t.inputs, t.targets),
    );
  return record(model.name, { parameters: [parameters], statistics: [statistics], inputs }, (t) => ({
    outputs: predictions(tf, model, t.parameters as tf.Tensor1D, t.statistics as tf.Tensor1D, t.inputs),
  }));
}

/** Traces both functions of a model. */
export function trace(model: Model, batch: number): ModelGraphs {
  return {
    gradient: traceFunction(model, batch, 'gradient'),
    prediction: traceFunction(model, batch, 'prediction'),
  };
}
