import { targetSize } from '../../data/dataset.js';
import { sizeOf, type Model } from '../../models/model.js';
import type { Executor, HostGradient } from '../executor.js';
import type { Binding, Handle } from './binding.js';
import { ModelPrograms } from './model-programs.js';

/** A model on TensorFlow, host arrays in and out. Every call is synchronous inside. */
export class TensorflowExecutor implements Executor {
  private readonly programs: ModelPrograms;

  constructor(
    readonly version: string,
    private readonly binding: Binding,
    private readonly model: Model,
    device: 'cpu' | 'cuda',
  ) {
    this.programs = new ModelPrograms(binding, model, device);
  }

  async gradient(
    parameters: Float32Array,
    inputs: Float32Array,
    targets: Float32Array,
    batch: number,
  ): Promise<HostGradient> {
    const { input } = this.model;
    return this.with(
      [
        [parameters, [parameters.length]],
        [inputs, [batch, ...input.shape]],
        [targets, [batch, targetSize(input)]],
      ],
      ([parameters, inputs, targets]) => {
        const results = this.programs.gradient(batch, { parameters, inputs, targets });
        const [loss] = this.take(results.loss);
        return { loss, gradient: this.take(results.gradient), statistics: this.take(results.statistics) };
      },
    );
  }

  async predict(
    parameters: Float32Array,
    statistics: Float32Array,
    inputs: Float32Array,
    batch: number,
  ): Promise<Float32Array> {
    return this.with(
      [
        [parameters, [parameters.length]],
        [statistics, [statistics.length]],
        [inputs, [batch, ...this.model.input.shape]],
      ],
      ([parameters, statistics, inputs]) =>
        this.take(this.programs.predict(batch, { parameters, statistics, inputs })),
    );
  }

  async close(): Promise<void> {
    this.programs.close();
  }

  /** What `body` makes of tensors with these values and shapes. */
  private with<T>(values: readonly [Float32Array, number[]][], body: (ids: number[]) => T): T {
    const { binding } = this;
    const ids: number[] = [];
    try {
      for (const [numbers, shape] of values)
        ids.push(
          binding.createTensor(shape, binding.TF_FLOAT, unshared(numbers.subarray(0, sizeOf({ shape })))),
        );
      return body(ids);
    } finally {
      ids.forEach((id) => binding.deleteTensor(id));
    }
  }

  /** The numbers of a result, which is deleted. */
  private take({ id }: Handle): Float32Array {
    const values = this.binding.tensorDataSync(id);
    this.binding.deleteTensor(id);
    return values;
  }
}

/** TensorFlow's binding takes no views of shared memory. */
function unshared(values: Float32Array): Float32Array {
  return values.buffer instanceof SharedArrayBuffer ? values.slice() : values;
}
