// try-onnx.js DEVICE [FOLDER]: loads ONNX Runtime as byzsim does, with its libraries from another folder if one is
// named, runs a model on a device, and prints its version as JSON. Run in a process of its own.
import { join } from 'node:path';
import type { Device } from '../compute/engine.js';
import { chooseEngine } from '../compute/engines.js';

const [device, folder] = process.argv.slice(2);
if (folder) {
  const open = process.dlopen.bind(process) as (module: object, path: string, ...rest: number[]) => void;
  const binding = 'onnxruntime_binding.node';
  process.dlopen = (module: object, path: string, ...rest: number[]) =>
    open(module, path.endsWith(binding) ? join(folder, binding) : path, ...rest);
}
const { version } = await chooseEngine({ backend: 'onnx', device: device as Device });
process.stdout.write(`${JSON.stringify({ version })}\n`);
process.exit();
