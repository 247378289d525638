import * as tf from '@tensorflow/tfjs-core';
import { assembleInputs, assembleTargets } from '../../data/batches.js';
import { targetSize, type Batch, type Dataset } from '../../data/dataset.js';
import { sizeOf, totalSize, type Model } from '../../models/model.js';
import type { Compute, ComputeDescription, Evaluation, Gradient } from '../compute.js';
import { TensorVectors, type TensorVector } from '../vectors/tensor.js';
import type { Vector } from '../vectors/vectors.js';
import { loadTensorflow, type Binding, type Handle, type NodeBackend } from './binding.js';
import { ModelPrograms } from './model-programs.js';

/** Test inputs evaluated at once: enough to fill a GPU, few enough for the activations of a deep network. */
const chunk = 500;

/**
 * Everything on TensorFlow's device: parameters, gradients, messages and what rules make of them are tensors, and so is
 * the test split. What comes back is losses, batch statistics, scores of test inputs, and the scalars that rules ask for.
 *
 * Work is begun when it is submitted; on a GPU it is still under way when the call returns, and awaited when its result
 * is.
 */
export class TensorCompute implements Compute {
  readonly vectors: TensorVectors;
  private readonly binding: Binding;
  private readonly programs: ModelPrograms;
  /** Chunks of the test inputs, from the first evaluation on. */
  private tests: { tensor: number; from: number; count: number }[] | undefined;

  private constructor(
    readonly description: ComputeDescription,
    private readonly backend: NodeBackend,
    private readonly model: Model,
    private readonly dataset: Dataset,
  ) {
    this.binding = backend.binding;
    this.vectors = new TensorVectors(totalSize(model.parameters), tf);
    this.programs = new ModelPrograms(this.binding, model, backend.isUsingGpuDevice ? 'cuda' : 'cpu');
  }

  static async create(
    description: ComputeDescription,
    model: Model,
    dataset: Dataset,
  ): Promise<TensorCompute> {
    return new TensorCompute(description, await loadTensorflow(description.device), model, dataset);
  }

  async gradient(parameters: Vector, batch: Batch, labels: 'true' | 'flipped'): Promise<Gradient> {
    const { dataset, binding } = this;
    const count = batch.indices.length;
    const inputs = new Float32Array(count * sizeOf(dataset));
    const targets = new Float32Array(count * targetSize(dataset));
    assembleInputs(dataset, dataset.train, batch, inputs);
    assembleTargets(dataset, batch, labels, targets);
    const tensors = {
      parameters: this.idOf(parameters),
      inputs: this.upload(inputs, [count, ...dataset.shape]),
      targets: this.upload(targets, [count, targetSize(dataset)]),
    };
    const { loss, gradient, statistics } = this.programs.gradient(count, tensors);
    binding.deleteTensor(tensors.inputs);
    binding.deleteTensor(tensors.targets);
    const vector = this.vectors.own(tf.keep(this.backend.createOutputTensor(gradient) as tf.Tensor1D));
    await Promise.resolve(); // reading waits for the device: let the caller submit more first
    return { loss: this.take(loss)[0], vector, statistics: this.take(statistics) };
  }

  async evaluate(parameters: Vector, statistics: Float32Array): Promise<Evaluation> {
    const { dataset, binding, model } = this;
    this.tests ??= this.uploadTests();
    const tensors = {
      parameters: this.idOf(parameters),
      statistics: this.upload(statistics.slice(), [statistics.length]),
    };
    const outputs = this.tests.map(({ tensor, count }) =>
      this.programs.predict(count, { ...tensors, inputs: tensor }),
    );
    binding.deleteTensor(tensors.statistics);
    await Promise.resolve();

    let [loss, correct] = [0, 0];
    for (const [k, { from, count }] of this.tests.entries()) {
      const values = this.take(outputs[k]);
      const width = values.length / count;
      for (let row = 0; row < count; row++) {
        const score = model.score(
          values.subarray(row * width, (row + 1) * width),
          dataset.test.labels[from + row],
        );
        loss += score.loss;
        if (score.correct) correct++;
      }
    }
    const { count } = dataset.test;
    return { loss: loss / count, accuracy: dataset.classes > 0 ? correct / count : undefined };
  }

  async close(): Promise<void> {
    this.programs.close();
    this.tests?.forEach(({ tensor }) => this.binding.deleteTensor(tensor));
    this.tests = undefined;
    this.vectors.dispose();
  }

  private uploadTests() {
    const { dataset } = this;
    const { count } = dataset.test;
    return Array.from({ length: Math.ceil(count / chunk) }, (_, k) => {
      const [from, to] = [k * chunk, Math.min(count, (k + 1) * chunk)];
      const inputs = new Float32Array((to - from) * sizeOf(dataset));
      assembleInputs(dataset, dataset.test, { from, to }, inputs);
      return { tensor: this.upload(inputs, [to - from, ...dataset.shape]), from, count: to - from };
    });
  }

  /** A tensor with these values, whose memory it may share. */
  private upload(values: Float32Array, shape: number[]): number {
    return this.binding.createTensor(shape, this.binding.TF_FLOAT, values);
  }

  private idOf(vector: Vector): number {
    return this.backend.getInputTensorIds([(vector as TensorVector).tensor])[0];
  }

  /** The numbers of a result, which is deleted. */
  private take({ id }: Handle): Float32Array {
    const values = this.binding.tensorDataSync(id);
    this.binding.deleteTensor(id);
    return values;
  }
}
