import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../src/data/index.js';
import { findGpus } from '../src/doctor/gpu.js';
import { UserError } from '../src/errors.js';
import { main, note, parseOptions } from './setup/main.js';
import { setupOnnxCuda, tryOnnx, type CudaVersion } from './setup/onnx-cuda.js';

const help = `npm run setup:onnx-cuda [-- OPTIONS]

Makes --backend onnx --device cuda work: fetches the CUDA provider of the installed ONNX Runtime and the CUDA
libraries that it opens to the cache folder (1.4 GB to download, 2 GB on disk). Needs Linux on x64 and Python 3
with pip.

  --cuda 12|13  which CUDA. Default: 13 with driver 580 or newer and a GPU of compute capability 7.5 or more, all of
                it from PyPI; else 12, the provider coming from NuGet
  --from DIR    take the provider from pip's onnxruntime (of onnxruntime-gpu), a virtual environment, or an unpacked
                onnxruntime-linux-x64-gpu
  --force       install again though what is installed works
`;

await main(async () => {
  const options = parseOptions(process.argv.slice(2), {
    from: { type: 'string' },
    cuda: { type: 'string' },
    force: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return void process.stdout.write(help);

  const gpu = await findGpus();
  const { version, provider, tried, changed } = await setupOnnxCuda(
    { ...options, cuda: parseCuda(options.cuda) },
    {
      root: fileURLToPath(new URL('..', import.meta.url)),
      cache: cacheDirectory(),
      gpu,
      attempt: tryOnnx,
      note,
    },
  );
  const outcome =
    'problem' in gpu ? `not tried: ${gpu.problem}` : tried && `it computes on ${gpu.gpus[0].name}`;
  process.stdout.write(
    `the CUDA provider of ONNX Runtime ${version} is set up${changed ? '' : ' already'}; ${outcome}\n  ${provider}\n`,
  );
});

function parseCuda(value: string | undefined): CudaVersion | undefined {
  if (value === undefined) return undefined;
  if (value === '12' || value === '13') return Number(value) as CudaVersion;
  throw new UserError(`invalid --cuda: ${value} (12 or 13)`);
}
