import { expect, it } from 'vitest';
import { describeEngines, required } from './describe.js';

await describeEngines(['wasm:cpu', 'onnx:cpu', 'tensorflow:cpu']);

it('every engine that must load has a test', () => {
  const tested = ['wasm:cpu', 'onnx:cpu', 'tensorflow:cpu', 'onnx:cuda', 'onnx:webgpu', 'tensorflow:cuda'];
  expect(tested).toEqual(expect.arrayContaining(required));
});
