import { describeEngines } from './describe.js';

await describeEngines(['onnx:cuda', 'onnx:webgpu']);
