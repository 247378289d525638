import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { UserError } from '../../base/errors.js';
import type { DeviceName } from '../engine.js';
import { sizeOfShape } from './graph.js';
import { deviceOnly, refusedForCpu } from './providers.js';

/** Where ONNX Runtime computes the nodes of a graph, after its optimizations. */
export interface Placement {
  nodes: number;
  /** Names of those that the device leaves to the CPU. */
  onCpu: readonly string[];
}

type Options = Ort.InferenceSession.SessionOptions;
export type OpenSession = (graph: Uint8Array, options: Options) => Promise<Ort.InferenceSession>;
export type MakeTensor = (values: Float32Array, shape: readonly number[]) => Ort.Tensor;

/**
 * Finds the nodes of a graph that a device leaves to the CPU. ONNX Runtime does not say; but it can be made to refuse
 * such graphs, and a profile of a run names the provider of each node.
 *
 * @param options of a session on the device
 * @returns undefined when the whole graph is on the device
 */
export async function findPlacement(
  graph: Uint8Array,
  options: Options,
  open: OpenSession,
  tensor: MakeTensor,
): Promise<Placement | undefined> {
  try {
    const session = await open(graph, deviceOnly(options));
    await session.release();
    return undefined;
  } catch (error) {
    if (!refusedForCpu(error)) throw error;
    return profiledPlacement(graph, options, open, tensor);
  }
}

async function profiledPlacement(
  graph: Uint8Array,
  options: Options,
  open: OpenSession,
  tensor: MakeTensor,
): Promise<Placement> {
  const folder = await mkdtemp(join(tmpdir(), 'byzsim-placement-'));
  try {
    const session = await open(graph, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    await session.run(zeros(session, tensor));
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return readPlacement(await readFile(join(folder, file), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function zeros(session: Ort.InferenceSession, tensor: MakeTensor): Record<string, Ort.Tensor> {
  const inputs = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`input ${input.name} is no tensor`);
    const shape = input.shape as number[];
    return [input.name, tensor(new Float32Array(sizeOfShape(shape)), shape)];
  });
  return Object.fromEntries(inputs) as Record<string, Ort.Tensor>;
}

/** An event of ONNX Runtime's profiles, as far as it says where a node ran. */
interface ProfileEvent {
  cat: string;
  name: string;
  args?: { provider?: string };
}

const suffix = '_kernel_time';

function readPlacement(profile: string): Placement {
  const kernels = (JSON.parse(profile) as ProfileEvent[]).filter(
    ({ cat, name, args }) => cat === 'Node' && name.endsWith(suffix) && args?.provider,
  );
  return {
    nodes: kernels.length,
    onCpu: kernels
      .filter(({ args }) => args!.provider === 'CPUExecutionProvider')
      .map(({ name }) => name.slice(0, -suffix.length)),
  };
}

/** How many names a sentence has. */
const named = 10;

/**
 * "3 of 181 nodes of the gradient run on the CPU: MaxPool_12, ..."
 *
 * @throws UserError when all of them do
 */
export function describePlacement(what: string, device: DeviceName, { nodes, onCpu }: Placement): string {
  if (onCpu.length === nodes)
    throw new UserError(
      `unavailable device: ${device}: ONNX Runtime computes the whole ${what} on the CPU; use --device cpu`,
    );
  const names = onCpu.slice(0, named).join(', ');
  const more = onCpu.length > named ? ` and ${onCpu.length - named} more` : '';
  return `${onCpu.length} of ${nodes} nodes of the ${what} run on the CPU: ${names}${more}`;
}
