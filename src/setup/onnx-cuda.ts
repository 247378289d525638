import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { access, constants, copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingLibraries } from '../compute/compiled/providers.js';
import type { GpuReport } from '../compute/gpu.js';
import { UserError } from '../base/errors.js';
import { run } from './command.js';
import {
  checkSameBuild,
  findProvider,
  installProvider,
  providerLibraries,
  setSearchPath,
  withProvider,
} from './cuda-provider.js';
import { cudaLibraries, gatherLibraries } from './cuda-libraries.js';
import { makeFolder } from './folder.js';
import { reasonOf } from './reason.js';
import { onnxCudaWheels } from './versions.js';
import { unpackWheels } from './wheels.js';

export type CudaVersion = keyof typeof onnxCudaWheels;

export interface OnnxCudaOptions {
  /** A folder with the provider; otherwise it is downloaded. */
  from?: string;
  /** Which CUDA; otherwise the one that suits the GPU. */
  cuda?: CudaVersion;
  /** Install again though what is installed works. */
  force?: boolean;
}

/** Where things are, and how ONNX Runtime is tried (tests have their own). */
export interface OnnxPlaces {
  /** The folder of onnxruntime-node, if it is installed. */
  packageFolder: string | undefined;
  cache: string;
  gpu: GpuReport;
  /**
   * Runs a model on a device, with ONNX Runtime's libraries from another folder if one is named.
   *
   * @returns its version @throws UserError why it does not work
   */
  attempt: (device: 'cpu' | 'cuda', folder?: string) => Promise<string>;
  note: (text: string) => void;
}

export interface OnnxSetup {
  version: string;
  /** Where the provider lies. */
  provider: string;
  /** False when there is no GPU to try it on. */
  tried: boolean;
  changed: boolean;
}

/** The library of the driver; it comes with the driver alone. */
const driverLibrary = 'libcuda.so.1';
const members = /onnxruntime\/capi\/libonnxruntime[^/]*[.]so|nvidia\/[^/]+\/lib\/.*[.]so/;

/**
 * Fetches ONNX Runtime's CUDA provider and the CUDA libraries that it opens, tries them, and only then puts links to
 * the provider where onnxruntime-node looks for it.
 *
 * @throws UserError with what to do, nothing installed being changed
 */
export async function setupOnnxCuda(options: OnnxCudaOptions, places: OnnxPlaces): Promise<OnnxSetup> {
  const { cache, gpu, attempt, note } = places;
  if (options.from && options.cuda)
    throw new UserError('invalid options: --from and --cuda: the library named with --from has its CUDA');
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64')
    throw new UserError(`unsupported platform: ${platform}: onnxruntime-node has CUDA on linux-x64 only`);
  const { version, runtime, packageFolder } = await findRuntime(places.packageFolder);

  const cuda = options.cuda ?? suitableCuda(gpu);
  const folder = options.from
    ? join(cache, 'onnxruntime', `${version}-${fingerprint(options.from)}`)
    : join(cache, 'onnxruntime', `${version}-cuda${cuda}`);
  const provider = join(folder, 'onnxruntime/capi');
  if (!existsSync(folder)) note(`putting the CUDA provider of ONNX Runtime ${version} in ${folder}`);
  await makeFolder(folder, async (content) => {
    const target = join(content, 'onnxruntime/capi');
    const libraries = options.from
      ? await copyProvider(options.from, target)
      : await fetchProvider({ cuda, version, packageFolder }, target, content);
    checkSameBuild(runtime, target);
    if (libraries.length === 0) return; // the loader has to find them where they are installed
    await gatherLibraries(
      libraries.map((path) => path.replace(content, folder)),
      join(content, 'libraries'),
    );
    await setSearchPath(join(target, providerLibraries[1]), join(folder, 'libraries'), content);
  });

  const missing = missingLibraries(join(provider, providerLibraries[1])).filter(
    (name) => name !== driverLibrary,
  );
  if (missing.length > 0)
    throw new UserError(
      `missing libraries: the CUDA provider in ${provider} needs ${missing.join(', ')}: ` +
        'install the CUDA and cuDNN that have them, or leave --from out to fetch them',
    );
  const changed =
    options.force || !providerLibraries.every((name) => isLinkTo(join(runtime, name), join(provider, name)));
  const tried = !('problem' in gpu);
  if (changed) {
    await withProvider(runtime, provider, folder, async (trial) => {
      await attempt('cpu', trial);
      if (tried) await attempt('cuda', trial);
    });
    await installProvider(runtime, provider);
  } else if (tried) await attempt('cuda');
  return { version, provider, tried, changed };
}

/** The CUDA for a GPU: 13 needs driver 580 and compute capability 7.5, and without a GPU it is the one that pip has. */
export function suitableCuda(gpu: GpuReport): CudaVersion {
  if ('problem' in gpu) return 13;
  const recent = gpu.gpus.every(({ capability }) => capability === undefined || Number(capability) >= 7.5);
  return Number.parseInt(gpu.driver) >= 580 && recent ? 13 : 12;
}

/** The compiled entry point, found from src/ (tests) as from dist/. */
const entry = fileURLToPath(new URL('../../dist/setup/try-onnx.js', import.meta.url));

/** Runs a model on ONNX Runtime in a process of its own: a library that does not fit may end it. */
export async function tryOnnx(device: 'cpu' | 'cuda', folder?: string): Promise<string> {
  const args = [entry, device, ...(folder ? [folder] : [])];
  const result = await run(process.execPath, args, 'reinstall Node');
  if (result.status === 0) {
    const last = result.stdout.trim().split('\n').at(-1)!;
    return (JSON.parse(last) as { version: string }).version;
  }
  throw new UserError(`ONNX Runtime does not work on ${device}: ${reasonOf(result)}`);
}

/**
 * The package, its version and its folder of libraries.
 *
 * @throws UserError when it is not installed, or where nobody but its owner can change it
 */
async function findRuntime(packageFolder: string | undefined) {
  const runtime = packageFolder && join(packageFolder, 'bin/napi-v6/linux/x64');
  if (!runtime || !existsSync(runtime))
    throw new UserError('missing package: onnxruntime-node, which comes with byzsim: install byzsim again');
  await access(runtime, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `cannot write to ${runtime} (${error.code}): run this as the user who installed byzsim, ` +
        'or install byzsim in a folder of your own',
    );
  });
  const manifest = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return { packageFolder, runtime, version: (JSON.parse(manifest) as { version: string }).version };
}

/** Downloads a provider and its CUDA libraries, whose paths it returns. */
async function fetchProvider(
  { cuda, version, packageFolder }: { cuda: CudaVersion; version: string; packageFolder: string },
  target: string,
  content: string,
): Promise<string[]> {
  if (cuda === 13) {
    await unpackWheels(content, [`onnxruntime-gpu==${version}`, ...onnxCudaWheels[13]], members);
  } else {
    await installFromNuget(packageFolder, target, content);
    await unpackWheels(content, onnxCudaWheels[12], members);
  }
  return cudaLibraries(join(content, 'nvidia'));
}

/** Copies a provider from elsewhere, where it may not be written to. Returns the CUDA libraries beside it. */
async function copyProvider(from: string, target: string): Promise<readonly string[]> {
  const { folder, cuda } = findProvider(from);
  const runtime = readdirSync(folder).filter((name) => /^libonnxruntime\.so\.\d/.test(name));
  await mkdir(target, { recursive: true });
  for (const name of [...runtime, ...providerLibraries])
    await copyFile(join(folder, name), join(target, name));
  return cuda;
}

/** Lets onnxruntime-node's own installer fetch its provider for CUDA 12 into a copy of the package. */
async function installFromNuget(packageFolder: string, target: string, scratch: string): Promise<void> {
  const copy = join(scratch, 'installer');
  await cp(join(packageFolder, 'script'), join(copy, 'script'), { recursive: true });
  const modules = [join(packageFolder, 'node_modules'), join(packageFolder, '..')];
  const result = await run(
    process.execPath,
    [join(copy, 'script/install.js'), '--onnxruntime-node-install=cuda12'],
    'reinstall Node',
    { env: { ...process.env, NODE_PATH: modules.join(delimiter), ONNXRUNTIME_NODE_INSTALL: '' }, show: true },
  );
  const output = join(copy, 'bin/napi-v6/linux/x64');
  if (result.status !== 0 || !existsSync(join(output, providerLibraries[1])))
    throw new UserError(
      `cannot download the CUDA 12 provider: onnxruntime-node's installer says: ${reasonOf(result)}\n` +
        'See that api.nuget.org can be reached; or carry an unpacked onnxruntime-linux-x64-gpu here and name it with ' +
        '--from; or, with driver 580 and a GPU of compute capability 7.5 or more, use --cuda 13.',
    );
  await cp(output, target, { recursive: true });
  await rm(copy, { recursive: true });
}

function isLinkTo(link: string, target: string): boolean {
  return existsSync(link) && existsSync(target) && statSync(link).ino === statSync(target).ino;
}

/** Of a provider that lies elsewhere, and what beside it is searched. */
function fingerprint(from: string): string {
  const { folder, cuda } = findProvider(from);
  const { size, mtimeMs } = statSync(join(folder, providerLibraries[1]));
  const subject = JSON.stringify([folder, size, mtimeMs, cuda]);
  return createHash('sha256').update(subject).digest('hex').slice(0, 16);
}
