import protobuf from 'protobufjs/light.js';

/** The part of onnx.proto (ONNX 1.17, Apache-2.0) that a graph of float tensors needs. */
const messages = {
  ModelProto: {
    ir_version: { type: 'int64', id: 1 },
    producer_name: { type: 'string', id: 2 },
    graph: { type: 'GraphProto', id: 7 },
    opset_import: { rule: 'repeated', type: 'OperatorSetIdProto', id: 8 },
  },
  OperatorSetIdProto: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } },
  GraphProto: {
    node: { rule: 'repeated', type: 'NodeProto', id: 1 },
    name: { type: 'string', id: 2 },
    initializer: { rule: 'repeated', type: 'TensorProto', id: 5 },
    input: { rule: 'repeated', type: 'ValueInfoProto', id: 11 },
    output: { rule: 'repeated', type: 'ValueInfoProto', id: 12 },
  },
  NodeProto: {
    input: { rule: 'repeated', type: 'string', id: 1 },
    output: { rule: 'repeated', type: 'string', id: 2 },
    name: { type: 'string', id: 3 },
    op_type: { type: 'string', id: 4 },
    attribute: { rule: 'repeated', type: 'AttributeProto', id: 5 },
    domain: { type: 'string', id: 7 },
  },
  AttributeProto: {
    name: { type: 'string', id: 1 },
    f: { type: 'float', id: 2 },
    i: { type: 'int64', id: 3 },
    s: { type: 'bytes', id: 4 },
    ints: { rule: 'repeated', type: 'int64', id: 8 },
    type: { type: 'int32', id: 20 },
  },
  TensorProto: {
    dims: { rule: 'repeated', type: 'int64', id: 1 },
    data_type: { type: 'int32', id: 2 },
    name: { type: 'string', id: 8 },
    raw_data: { type: 'bytes', id: 9 },
  },
  ValueInfoProto: { name: { type: 'string', id: 1 }, type: { type: 'TypeProto', id: 2 } },
  TypeProto: { tensor_type: { type: 'TensorTypeProto', id: 1 } },
  TensorTypeProto: { elem_type: { type: 'int32', id: 1 }, shape: { type: 'TensorShapeProto', id: 2 } },
  TensorShapeProto: { dim: { rule: 'repeated', type: 'DimensionProto', id: 1 } },
  DimensionProto: { dim_value: { type: 'int64', id: 1 } },
};

const modelProto = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }])),
}).lookupType('ModelProto');

const irVersion = 8;
/**
 * Not a newer one: a CUDA kernel that ONNX Runtime registers as "since version n" is not found for later versions of its
 * operator, and such nodes go to the CPU in silence: by the published table Pad from 19 on, ReduceMax from 20 on.
 */
const opset = 18;
const dataType = { float: 1, int64: 7 };
const attributeType = { float: 1, int: 2, string: 3, ints: 7 };

/** A whole number, a list of them, or {float}. */
export type OnnxAttribute = number | string | readonly number[] | { float: number };

interface TensorShape {
  name: string;
  shape: readonly number[];
}

/** Collects the nodes and constants of one ONNX graph. Tensors are referred to by name. */
export class OnnxWriter {
  private readonly nodes: object[] = [];
  private readonly initializers = new Map<string, object>();
  private names = 0;

  /** Appends a node and returns the name of its first output; `outputs` names all of them. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs: readonly string[] = [this.name()],
  ): string {
    this.nodes.push({
      op_type: type,
      name: `${type}_${this.nodes.length}`,
      input: inputs,
      output: outputs,
      attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
    });
    return outputs[0];
  }

  /** A fresh tensor name. */
  name(): string {
    return `t${this.names++}`;
  }

  floats(values: Float32Array, shape: readonly number[]): string {
    return this.initializer(dataType.float, values, shape);
  }

  scalar(value: number): string {
    return this.floats(Float32Array.of(value), []);
  }

  /** A vector of 64-bit integers: shapes, axes, paddings. */
  integers(values: readonly number[]): string {
    return this.initializer(dataType.int64, BigInt64Array.from(values, BigInt), [values.length]);
  }

  reshape(name: string, shape: readonly number[]): string {
    return this.node('Reshape', [name, this.integers(shape)]);
  }

  expand(name: string, shape: readonly number[]): string {
    return this.node('Expand', [name, this.integers(shape)]);
  }

  transpose(name: string, permutation: readonly number[]): string {
    return this.node('Transpose', [name], { perm: permutation });
  }

  slice(name: string, begin: readonly number[], end: readonly number[]): string {
    return this.node('Slice', [name, this.integers(begin), this.integers(end)]);
  }

  sliceAxis(name: string, axis: number, begin: number, end: number, step: number): string {
    return this.node('Slice', [name, ...[begin, end, axis, step].map((value) => this.integers([value]))]);
  }

  /** Pads with `value`; padding by nothing is no node. */
  pad(name: string, before: readonly number[], after: readonly number[], value: number): string {
    if ([...before, ...after].every((length) => length === 0)) return name;
    return this.node('Pad', [name, this.integers([...before, ...after]), this.scalar(value)]);
  }

  split(name: string, axis: number, sizes: readonly number[]): string[] {
    const pieces = sizes.map(() => this.name());
    this.node('Split', [name, this.integers(sizes)], { axis }, pieces);
    return pieces;
  }

  concat(names: readonly string[], axis: number): string {
    return names.length === 1 ? names[0] : this.node('Concat', names, { axis });
  }

  /** 1 where a > b, else 0. */
  greater(a: string, b: string): string {
    return this.node('Cast', [this.node('Greater', [a, b])], { to: dataType.float });
  }

  /** Product of two matrices, and a row added to each of its rows. */
  gemm(
    a: string,
    b: string,
    {
      transposeA = false,
      transposeB = false,
      bias,
    }: { transposeA?: boolean; transposeB?: boolean; bias?: string },
  ): string {
    const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
    return this.node('Gemm', bias === undefined ? [a, b] : [a, b, bias], attributes);
  }

  /** The model as a file's bytes. All inputs and outputs are float32. */
  encode(name: string, inputs: readonly TensorShape[], outputs: readonly TensorShape[]): Uint8Array {
    return modelProto
      .encode({
        ir_version: irVersion,
        producer_name: 'byzsim',
        opset_import: [{ domain: '', version: opset }],
        graph: {
          name,
          node: this.nodes,
          initializer: [...this.initializers.values()],
          input: inputs.map(encodeShape),
          output: outputs.map(encodeShape),
        },
      })
      .finish();
  }

  private initializer(type: number, values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const bytes = bytesOf(values);
    const key = `${type} ${shape.join()} ${bytes.toString('base64')}`;
    let tensor = this.initializers.get(key) as { name: string } | undefined;
    if (!tensor) {
      tensor = {
        name: `c${this.initializers.size}`,
        dims: shape,
        data_type: type,
        raw_data: bytes,
      } as object & {
        name: string;
      };
      this.initializers.set(key, tensor);
    }
    return tensor.name;
  }
}

/** What a file's graph has, as far as it is read here. */
interface OnnxFile {
  graph: {
    node: { op_type: string }[];
    initializer: object[];
    input: { name: string; type: { tensor_type: { shape: { dim: { dim_value: number }[] } } } }[];
  };
}

const read = (file: Uint8Array) => modelProto.decode(file) as unknown as OnnxFile;

/** The names of the operators in a file. */
export function operatorsOf(file: Uint8Array): Set<string> {
  return new Set(read(file).graph.node.map(({ op_type }) => op_type));
}

/** The file whose graph has the named inputs as constants. ONNX Runtime arranges and folds those when it opens it. */
export function fixInputs(file: Uint8Array, values: Readonly<Record<string, Float32Array>>): Uint8Array {
  const model = read(file);
  const { graph } = model;
  const [fixed, free] = [true, false].map((is) => graph.input.filter(({ name }) => name in values === is));
  graph.input = free;
  for (const { name, type } of fixed)
    graph.initializer.push({
      name,
      dims: type.tensor_type.shape.dim.map(({ dim_value }) => dim_value),
      data_type: dataType.float,
      raw_data: bytesOf(values[name]),
    });
  return modelProto.encode(model).finish();
}

/** The memory of numbers, not a copy. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function encodeAttribute(name: string, value: OnnxAttribute): object {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value };
  if (typeof value === 'string') return { name, type: attributeType.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  return { name, type: attributeType.ints, ints: value };
}

function encodeShape({ name, shape }: TensorShape): object {
  const dim = shape.map((length) => ({ dim_value: length }));
  return { name, type: { tensor_type: { elem_type: dataType.float, shape: { dim } } } };
}
