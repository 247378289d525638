import { expect, it } from 'vitest';
import { describeEngines, required } from './describe.js';

await describeEngines(['cpu:cpu', 'wasm:cpu', 'onnx:cpu', 'tensorflow:cpu']);

it('every engine that must load has a test', () => {
  const cpu = ['cpu:cpu', 'wasm:cpu', 'onnx:cpu', 'tensorflow:cpu'];
  const tested = [...cpu, 'onnx:cuda', 'onnx:webgpu', 'tensorflow:cuda'];
  expect(tested).toEqual(expect.arrayContaining(required));
});
