import { constructExecutor, chooseEngine, type EngineName } from '../../../src/compute/engine.js';
import { conformance } from '../conformance.js';

const others: EngineName[] = ['wasm', 'onnx', 'tensorflow'];
const loads = await Promise.all(
  others.map((backend) =>
    chooseEngine({ backend, device: 'cpu' }).then(
      () => true,
      () => false,
    ),
  ),
);

// TensorFlow is optional; the others must load, or fail here.
conformance(
  (model) => constructExecutor({ backend: 'cpu', device: 'cpu' }, model),
  Object.fromEntries(
    others
      .filter((name, k) => name !== 'tensorflow' || loads[k])
      .map((backend) => [backend, (model) => constructExecutor({ backend, device: 'cpu' }, model)]),
  ),
);
