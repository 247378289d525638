import { expect, test } from 'vitest';
import { constructExecutor } from '../../src/compute/engines.js';
import { builtins } from '../../src/simulation/catalogue.js';

const input = { shape: [2], classes: 0, numeric: true } as const;
const linear = builtins.models.get('linear')!;

test('the squared error of a · x + b, its mean and gradient over a batch', async () => {
  const executor = await constructExecutor({ backend: 'cpu', device: 'cpu' }, linear.create({}, input));
  const [inputs, targets] = [Float32Array.of(1, 2, 3, -1), Float32Array.of(2, 0)];
  // a = (0.5, 1), b = 0.25: predictions 2.75 and 0.75, errors 0.75 and 0.75.
  const parameters = Float32Array.of(0.5, 1, 0.25);
  const { loss, gradient } = await executor.gradient(parameters, inputs, targets, 2);
  expect(loss).toBeCloseTo(0.5625, 6);
  // ½ Σ 2 e (x1, x2, 1)
  [0.75 * 4, 0.75 * 1, 0.75 * 2].forEach((value, k) => expect(gradient[k]).toBeCloseTo(value, 6));
  expect([...(await executor.predict(parameters, new Float32Array(0), inputs, 2))]).toEqual([2.75, 0.75]);
  await executor.close();
});

test('scores rows by their squared error, and knows no right and wrong', () => {
  expect(linear.create({}, input).score(Float32Array.of(2.5), 1)).toEqual({ loss: 2.25 });
});

test.each([
  ['linear', { shape: [2], classes: 3 }, 'labels that are numbers'],
  ['linear', { shape: [2], classes: 0 }, 'labels that are numbers'],
  ['logistic', input, 'a data set with classes'],
  ['quadratic', input, 'points without labels'],
  ['mlp', input, undefined],
  ['mlp', { shape: [2], classes: 0 }, 'a data set with labels'],
])('%s on %j needs: %s', (name, given, need) => {
  expect(builtins.models.get(name)!.needs!(given)).toBe(need);
});
