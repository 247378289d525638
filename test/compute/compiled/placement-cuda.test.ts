import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import { models } from '../../../src/models/index.js';
import { exampleModel } from '../../models/examples.js';
import { readOnnx } from './onnx-nodes.js';

/**
 * The float32 kernels of the CUDA provider, as published in ONNX Runtime's docs/OperatorKernels.md: versions of the
 * operator that each is registered for, "13+" or "13-18". ONNX Runtime takes an open range for its first version alone.
 */
const kernels: Record<string, string> = {
  Abs: '13+',
  Add: '14+',
  Cast: '13-18',
  Concat: '13+',
  Conv: '11-21',
  Div: '14+',
  Exp: '13+',
  Expand: '13+',
  Gather: '13+',
  Gemm: '13+',
  Greater: '13+',
  Identity: '14-18',
  Log: '13+',
  MatMul: '13+',
  Max: '13+',
  MaxPool: '12+',
  Mul: '14+',
  Neg: '13+',
  Pad: '18+',
  ReduceMax: '18+',
  ReduceMean: '18+',
  ReduceSum: '13+',
  Relu: '14+',
  Reshape: '14-18',
  Sigmoid: '13+',
  Slice: '13+',
  Split: '18+',
  Sqrt: '13+',
  Sub: '14+',
  Tanh: '13+',
  Transpose: '13-20',
};

/** The version of each operator in operator set 18: the set that last changed it (ONNX, docs/Changelog.md). */
const versions: Record<string, number> = {
  ...Object.fromEntries(Object.keys(kernels).map((name) => [name, 13])),
  Add: 14,
  Conv: 11,
  Div: 14,
  Identity: 16,
  MaxPool: 12,
  Mul: 14,
  Pad: 18,
  ReduceMax: 18,
  ReduceMean: 18,
  Relu: 14,
  Reshape: 14,
  Split: 18,
  Sub: 14,
};

function hasKernel(operator: string): boolean {
  const [from, to] = (kernels[operator] ?? '0-0').split(/[+-]/).map(Number);
  const version = versions[operator];
  return to ? from <= version && version <= to : from === version;
}

describe.each(models.map(({ name }) => name))('the graphs of %s for CUDA', (name) => {
  const { gradient, prediction } = compileModel(exampleModel(name), 3, 'cuda');
  const graphs = [readOnnx(gradient), readOnnx(prediction)];

  it('hold only operators that the CUDA provider has, in the versions it has', () => {
    for (const { opset, nodes } of graphs) {
      expect(opset).toBe(18);
      expect(nodes.map(({ operator }) => operator).filter((operator) => !hasKernel(operator))).toEqual([]);
    }
  });

  it('hold none that may give other bits the next time', () => {
    for (const { nodes, integers } of graphs)
      for (const { operator, inputs } of nodes) {
        expect(operator).not.toMatch(/^Conv|^Scatter/);
        if (/^Reduce(Sum|Mean)$/.test(operator)) expect(integers.get(inputs[1])).not.toContain(0);
      }
  });
});
