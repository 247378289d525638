import { loadTensorflow, type NodeBackend } from '../../../src/compute/tensorflow/binding.js';

/** TensorFlow on the CPU, or why it does not load here. */
export async function tensorflowHere(): Promise<{ backend: NodeBackend } | { reason: string }> {
  try {
    return { backend: await loadTensorflow('cpu') };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
