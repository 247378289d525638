import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from './errors.js';
import { fileProblem } from './file-problem.js';

/** A text that was read and its bytes, or why there is none. */
export type ReadText = { text: string; bytes: Buffer } | { problem: string; missing: boolean };

/** Of a file of points or arrivals: some millions of lines. Texts of twice as many cannot be held. */
export const maxTableBytes = 256e6;

const chunk = 1 << 20;

/**
 * Reads a file of UTF-8, with or without a byte order mark, which is left out. Pipes and devices are read like files, no
 * further than `atMost` bytes: some have no end.
 */
export async function readText(path: string, atMost: number): Promise<ReadText> {
  try {
    const file = await open(path);
    try {
      return decode(await readBytes(file, atMost), atMost);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: fileProblem(error), missing: code === 'ENOENT' || code === 'ENOTDIR' };
  }
}

/** As readText, for a file that has to be there. @throws UserError "missing trace: ...", "unreadable trace: ..." */
export async function requireText(
  noun: string,
  path: string,
  atMost: number,
): Promise<{ text: string; bytes: Buffer }> {
  const read = await readText(path, atMost);
  if ('text' in read) return read;
  throw new UserError(
    read.missing ? `missing ${noun}: ${path}` : `unreadable ${noun}: ${path} (${read.problem})`,
  );
}

/** The content, or a byte more than `atMost`. */
async function readBytes(file: FileHandle, atMost: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let length = 0; length <= atMost;) {
    const buffer = Buffer.allocUnsafe(Math.min(chunk, atMost + 1 - length));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    parts.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(parts);
}

function decode(bytes: Buffer, atMost: number): ReadText {
  const refused = (problem: string) => ({ problem, missing: false });
  if (bytes.length > atMost) return refused(`it is larger than ${atMost / 1e6} MB`);
  const mark = bytes.toString('hex', 0, 2);
  if (mark === 'fffe' || mark === 'feff') return refused('it is UTF-16: save it as UTF-8');
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const wrong = isUtf8(bytes) ? text.indexOf('\0') : text.indexOf('\uFFFD');
  if (wrong < 0) return { text, bytes };
  return refused(`it is no UTF-8 text: see line ${text.slice(0, wrong).split('\n').length}`);
}
