import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { EngineName } from './engine.js';

/** What of this system bears on whether native code loads. */
export interface System {
  platform: string;
  arch: string;
  /** Whether Linux has musl instead of glibc, as Alpine has. */
  musl: boolean;
  /** Whether onnxruntime-node is installed and has a binary for this platform, whatever its state. */
  onnxBinary: boolean;
}

const libraries: Partial<Record<EngineName, string>> = { tensorflow: 'TensorFlow', onnx: 'ONNX Runtime' };

/**
 * What to do where the native code of an engine does not load at all, on whatever device; undefined where it loads, and
 * something else is amiss, or where the engine has none.
 *
 * @param error why it does not load, with its causes
 */
export function nativeRemedy(engine: EngineName, error: unknown, system?: System): string | undefined {
  const library = libraries[engine];
  const failure = loadFailure(error);
  if (!library || (!failure && engine !== 'tensorflow')) return undefined;
  const { platform, arch, musl, onnxBinary } = system ?? thisSystem();
  if (musl)
    return (
      `${library} needs glibc, and this system (Alpine, musl) has none: use an image such as node:22-slim, ` +
      'or --backend wasm'
    );
  if (!failure) return undefined;
  if (/GLIBC(XX)?_\d/.test(failure.message))
    return `${library} needs a newer system library than this one has: update it, or use --backend wasm`;
  if (engine === 'tensorflow') return undefined; // setting it up brings the binding and its libraries
  if (failure.code === 'MODULE_NOT_FOUND' && !onnxBinary)
    return `${library} has no binary for Node on ${platform}-${arch}: use --backend wasm`;
  const [, missing] = /(\S+): cannot open shared object file/.exec(failure.message) ?? [];
  if (missing && !missing.includes('onnxruntime'))
    return `install the system library ${missing}, or use --backend wasm`;
  return 'install byzsim again (npm ci in a clone), or use --backend wasm';
}

/** The error of the module loader or of the dynamic linker, among an error and its causes. */
function loadFailure(error: unknown): { code: string; message: string } | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code = '', message } = at as NodeJS.ErrnoException;
    if (['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'].includes(code))
      return { code, message };
  }
  return undefined;
}

function thisSystem(): System {
  const { platform, arch } = process;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return {
    platform,
    arch,
    musl: platform === 'linux' && header.glibcVersionRuntime === undefined,
    onnxBinary: existsSync(join(onnxFolder(), platform, arch)),
  };
}

function onnxFolder(): string {
  try {
    const main = createRequire(import.meta.url).resolve('onnxruntime-node');
    return join(dirname(main), '..', 'bin', 'napi-v6');
  } catch {
    return '';
  }
}
