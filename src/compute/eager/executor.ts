import * as tf from '@tensorflow/tfjs-core';
import { targetSize } from '../../data/dataset.js';
import { sizeOf, type Model } from '../../models/model.js';
import type { Executor, HostGradient } from '../executor.js';
import { lossGradient, predictions } from '../gradient.js';

/**
 * Runs a model operation by operation on a tfjs backend that is loaded. Every call is synchronous inside and leaves no
 * tensor behind, so executors on different backends can live side by side in one thread.
 */
export class EagerExecutor implements Executor {
  constructor(
    readonly version: string,
    /** Its name in tfjs. */
    private readonly backend: string,
    private readonly model: Model,
  ) {}

  async gradient(
    parameters: Float32Array,
    inputs: Float32Array,
    targets: Float32Array,
    batch: number,
  ): Promise<HostGradient> {
    const { model } = this;
    return this.run(() => {
      const { loss, gradient, statistics } = lossGradient(
        tf,
        model,
        tf.tensor1d(parameters),
        this.inputTensor(inputs, batch),
        tf.tensor(targets, [batch, targetSize(model.input)]),
      );
      const result = {
        loss: loss.dataSync()[0],
        gradient: toHost(gradient),
        statistics: toHost(statistics),
      };
      statistics.dispose(); // kept through the tidy of the gradient
      return result;
    });
  }

  async predict(
    parameters: Float32Array,
    statistics: Float32Array,
    inputs: Float32Array,
    batch: number,
  ): Promise<Float32Array> {
    const { model } = this;
    return this.run(() =>
      toHost(
        predictions(
          tf,
          model,
          tf.tensor1d(parameters),
          tf.tensor1d(statistics),
          this.inputTensor(inputs, batch),
        ),
      ),
    );
  }

  async close(): Promise<void> {}

  private inputTensor(inputs: Float32Array, batch: number): tf.Tensor {
    const { input } = this.model;
    return tf.tensor(inputs.subarray(0, batch * sizeOf(input)), [batch, ...input.shape]);
  }

  /** The result of `body` on this executor's backend, with every tensor it made freed. */
  private run<T>(body: () => T): T {
    // tfjs has one active backend; another executor may have set its own meanwhile.
    if (tf.getBackend() !== this.backend) void tf.setBackend(this.backend);
    const engine = tf.engine();
    engine.startScope();
    try {
      return body();
    } finally {
      engine.endScope();
    }
  }
}

/** A private copy: the cpu backend hands out the tensor's own memory. */
function toHost(tensor: tf.Tensor): Float32Array {
  return Float32Array.from(tensor.dataSync());
}
