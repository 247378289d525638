import { describeEngines } from './describe.js';

// In a process of its own: TensorFlow is loaded once, for one device.
await describeEngines(['tensorflow:cuda']);
