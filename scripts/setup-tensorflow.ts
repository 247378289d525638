import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../src/data/index.js';
import { findGpus } from '../src/doctor/gpu.js';
import { main, note, parseOptions } from './setup/main.js';
import { setupTensorflow, tryTensorflow } from './setup/tensorflow.js';

const help = `npm run setup:tensorflow [-- OPTIONS]

Makes --backend tensorflow work: installs @tensorflow/tfjs-node-gpu and builds its binding against a current
TensorFlow, which is downloaded from PyPI to the cache folder. Needs Linux, Python 3 with pip, and g++.

  --cuda      TensorFlow with CUDA 12 (3 GB to download, 5 GB on disk)
  --from DIR  take libtensorflow from pip's tensorflow, a virtual environment, or an unpacked libtensorflow;
              or from a wheel of tensorflow or tensorflow-cpu
  --force     build again though what is installed works
`;

await main(async () => {
  const { help: helpWanted, ...options } = parseOptions(process.argv.slice(2), {
    from: { type: 'string' },
    cuda: { type: 'boolean' },
    force: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (helpWanted) return void process.stdout.write(help);

  const { version, device, libraries, changed } = await setupTensorflow(options, {
    root: fileURLToPath(new URL('..', import.meta.url)),
    cache: cacheDirectory(),
    attempt: tryTensorflow,
    note,
  });
  process.stdout.write(
    `TensorFlow ${version} ${changed ? 'is set up' : 'is set up already'}: an operation and a gradient are right on ${device}\n` +
      libraries.map((path) => `  ${path}\n`).join(''),
  );
  if (options.cuda && device !== 'cuda') {
    const gpu = await findGpus();
    note(
      'problem' in gpu ? `no GPU is in use: ${gpu.problem}` : 'no GPU is in use: npx byzsim doctor says why',
    );
  }
});
