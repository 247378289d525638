import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UserError } from '../base/errors.js';
import type { Dispatcher } from 'undici';
import { fileProblem, isSystemError } from '../base/file-problem.js';
import { makeFolder } from '../base/make-folder.js';
import { temporaryName, type Progress } from './files.js';
import { describeProxy, proxyAgent } from './proxy.js';

export interface DownloadOptions {
  onProgress?: (progress: Progress) => void;
  /** Ends the download: the temporary file is removed and the signal's reason thrown. */
  signal?: AbortSignal;
  /** A server that sends nothing for this long is given up, in milliseconds. */
  patience?: number;
}

/** No mirror gave the file: each one's reason. */
export class DownloadError extends UserError {
  constructor(file: string, reasons: readonly string[]) {
    super(`cannot download ${file}: ${reasons.join('; ')}`);
  }
}

/**
 * Fetches a file from the first mirror that gives it whole, to a temporary name beside `target`.
 *
 * @param accept receives the temporary file: checks its content and moves it to where it belongs; what it throws counts
 *   against the mirror. Whatever is left under the temporary name is removed.
 */
export async function download(
  urls: readonly string[],
  target: string,
  accept: (temporary: string) => Promise<void>,
  options: DownloadOptions = {},
): Promise<void> {
  try {
    makeFolder(dirname(target));
  } catch (error) {
    throw new UserError(`cannot write to ${dirname(target)}: ${fileProblem(error)}`);
  }
  const dispatcher = await proxyAgent();
  const reasons: string[] = [];
  try {
    for (const url of urls) {
      const temporary = temporaryName(target);
      try {
        await fetchTo(temporary, url, dispatcher, options);
        await accept(temporary);
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (isOurs(error))
          throw new UserError(`cannot write ${error.path ?? temporary}: ${fileProblem(error)}`);
        const proxy = describeProxy(url);
        reasons.push(`${url}: ${reason(error)}${proxy ? ` (${proxy})` : ''}`);
      } finally {
        await rm(temporary, { force: true });
      }
    }
  } finally {
    await dispatcher?.destroy();
  }
  throw new DownloadError(target, reasons);
}

/** Whether an error is that of our file, which no other mirror would mend. */
function isOurs(error: unknown): error is NodeJS.ErrnoException {
  if (!isSystemError(error)) return false;
  return error.path !== undefined || ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(error.code ?? '');
}

async function fetchTo(
  path: string,
  url: string,
  dispatcher: Dispatcher | undefined,
  options: DownloadOptions,
): Promise<void> {
  const { fetch } = await import('undici');
  const { onProgress, signal, patience = 30_000 } = options;
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`nothing received for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  const either = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;

  try {
    // Identity: a transparently unpacked body would not match its Content-Length.
    const response = await fetch(url, {
      signal: either,
      headers: { 'accept-encoding': 'identity' },
      dispatcher,
    });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} ${response.statusText}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    let done = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _, pass) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, patience);
        done += chunk.length;
        onProgress?.({ what: `fetching ${url}`, unit: 'bytes', done, total });
        pass(null, chunk);
      },
    });
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, meter, createWriteStream(path, { flags: 'wx', flush: true }), { signal: either });
    if (total !== undefined && done !== total) throw new Error(`truncated: ${done} of ${total} bytes`);
  } catch (error) {
    if (stalled.signal.aborted) throw stalled.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says "fetch failed" and keeps the reason (ENOTFOUND, ECONNREFUSED, ...) in its cause, or in that one's. */
function reason(error: unknown): string {
  let deepest: unknown = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  const { message, code } = deepest as NodeJS.ErrnoException;
  const [, refusal] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(message) ?? [];
  if (refusal) return `the proxy answers HTTP ${refusal} ${STATUS_CODES[refusal] ?? ''}`.trimEnd();
  return message || (code ?? String(error));
}
