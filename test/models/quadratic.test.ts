import { expect, it } from 'vitest';
import { constructExecutor } from '../../src/compute/engines.js';
import { quadratic } from '../../src/models/quadratic.js';

it('½|x - z|²: loss and gradient by hand', async () => {
  const model = quadratic.create({}, { shape: [2], classes: 0 });
  const executor = await constructExecutor({ backend: 'cpu', device: 'cpu' }, model);
  // x = (1, 2); z = (0, 0) and (4, 2): losses 5/2 and 9/2, gradients (1, 2) and (-3, 0).
  const point = Float32Array.of(1, 2);
  const points = Float32Array.of(0, 0, 4, 2);
  const none = new Float32Array(0);
  const { loss, gradient } = await executor.gradient(point, points, none, 2);
  expect(loss).toBe(3.5);
  expect(Array.from(gradient)).toEqual([-1, 1]);
  const outputs = await executor.predict(point, none, points, 2);
  expect(model.score(outputs.subarray(2, 4), 0)).toEqual({ loss: 4.5 });
});
