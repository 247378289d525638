import { Option, type Command } from 'commander';
import type { SetupTensorflowFlags, SetupCudaFlags } from '../setup.js';

/** `byzsim setup tensorflow|cuda`. */
export function registerSetup(program: Command): void {
  const setup = program
    .command('setup')
    .description('make TensorFlow work, or ONNX Runtime on CUDA: fetch what npm does not bring');

  setup
    .command('tensorflow')
    .description('make --backend tensorflow work: fetch TensorFlow and build its binding')
    .option('--cuda', 'TensorFlow with CUDA 12 (3 GB to download, 5 GB on disk)')
    .option(
      '--from <path>',
      "take libtensorflow from pip's tensorflow, a virtual environment, or an unpacked libtensorflow; " +
        'or from a wheel of tensorflow or tensorflow-cpu',
    )
    .option('--force', 'build again though what is installed works')
    .addHelpText(
      'after',
      `
Needs Linux, g++, and Python 3 with pip. Installs @tensorflow/tfjs-node-gpu in the cache folder and
builds its binding against a current TensorFlow, which comes from PyPI (270 MB to download).

Examples:
  byzsim setup tensorflow
  byzsim setup tensorflow --from ~/venv`,
    )
    .action(async (flags: SetupTensorflowFlags) => {
      const { setUpTensorflow } = await import('../setup.js');
      await setUpTensorflow(flags);
    });

  setup
    .command('cuda')
    .description('make --backend onnx --device cuda work: fetch the CUDA provider and what it opens')
    .addOption(
      new Option(
        '--cuda <version>',
        'which CUDA (default: the one that suits the driver and the GPU)',
      ).choices(['12', '13']),
    )
    .option(
      '--from <folder>',
      "take the provider from pip's onnxruntime (of onnxruntime-gpu), a virtual environment, " +
        'or an unpacked onnxruntime-linux-x64-gpu',
    )
    .option('--force', 'install again though what is installed works')
    .addHelpText(
      'after',
      `
Needs Linux on x64, and Python 3 with pip. Fetches 1.4 GB (2 GB on disk) to the cache folder.
CUDA 13 is for driver 580 or newer and GPUs of compute capability 7.5 or more, all of it from
PyPI; else it is 12, whose provider comes from NuGet.

Examples:
  byzsim setup cuda
  byzsim setup cuda --cuda 12`,
    )
    .action(async (flags: SetupCudaFlags) => {
      const { setUpCuda } = await import('../setup.js');
      await setUpCuda(flags);
    });
}
