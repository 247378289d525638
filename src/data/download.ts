import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createFolder } from '../durable.js';
import { UserError } from '../errors.js';
import { temporaryName, type Progress } from './files.js';

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
    createFolder(dirname(target));
  } catch (error) {
    throw new UserError(`cannot write to ${dirname(target)}: ${(error as Error).message}`);
  }
  const reasons: string[] = [];
  for (const url of urls) {
    const temporary = temporaryName(target);
    try {
      await fetchTo(temporary, url, options);
      await accept(temporary);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      reasons.push(`${url}: ${reason(error)}`);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  throw new DownloadError(target, reasons);
}

async function fetchTo(path: string, url: string, options: DownloadOptions): Promise<void> {
  const { onProgress, signal, patience = 30_000 } = options;
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`nothing received for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  const either = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;

  try {
    // Identity: a transparently unpacked body would not match its Content-Length.
    const response = await fetch(url, { signal: either, headers: { 'accept-encoding': 'identity' } });
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

/** fetch says "fetch failed" and keeps the reason (ENOTFOUND, ECONNREFUSED, ...) in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as (Error & { code?: string }) | undefined;
  if (!cause) return error.message;
  return cause.message || cause.code || error.message;
}
