import protobuf from 'protobufjs/light.js';

export interface OnnxNode {
  operator: string;
  inputs: string[];
}

/** The operator set and the nodes of an ONNX file, and its vectors of 64-bit integers. */
export function readOnnx(bytes: Uint8Array): {
  opset: number;
  nodes: OnnxNode[];
  integers: Map<string, number[]>;
} {
  const model = fields(bytes);
  const graph = fields(model.get(7)![0] as Uint8Array);
  const [opset] = model.get(8)!.map((entry) => Number(fields(entry as Uint8Array).get(2)![0]));
  const nodes = (graph.get(1) ?? []).map((entry) => {
    const node = fields(entry as Uint8Array);
    return { operator: text(node.get(4)![0]), inputs: (node.get(1) ?? []).map(text) };
  });
  const int64 = 7;
  const integers = (graph.get(5) ?? []).map((entry) => fields(entry as Uint8Array));
  return {
    opset,
    nodes,
    integers: new Map(
      integers
        .filter((tensor) => tensor.get(2)![0] === int64)
        .map((tensor) => [text(tensor.get(8)![0]), int64s((tensor.get(9)?.[0] ?? []) as Uint8Array)]),
    ),
  };
}

type Field = number | Uint8Array;

/** The fields of a protobuf message by number: varints as numbers, anything else as bytes. */
function fields(bytes: Uint8Array): Map<number, Field[]> {
  const found = new Map<number, Field[]>();
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [id, wireType] = [tag >>> 3, tag & 7];
    if (wireType !== 0 && wireType !== 2) {
      reader.skipType(wireType);
      continue;
    }
    const value = wireType === 0 ? Number(reader.int64()) : reader.bytes();
    found.set(id, [...(found.get(id) ?? []), value]);
  }
  return found;
}

function text(bytes: Field): string {
  return Buffer.from(bytes as Uint8Array).toString();
}

function int64s(bytes: Uint8Array): number[] {
  return Array.from(new BigInt64Array(Uint8Array.from(bytes).buffer), Number);
}
