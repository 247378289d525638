import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { guarded, makeFolder } from '../results/files.js';
import { maskedCrc32c } from './crc32c.js';
import { fileVersionEvent } from './event.js';

/**
 * A file of TensorBoard's events, which grows by one at a time: TFRecords, each the length in eight bytes, the least
 * significant first, its masked CRC-32C, the data, theirs.
 */
export class EventFile {
  private readonly descriptor: number;

  /** Starts it anew. @throws UserError where it cannot be written */
  constructor(
    private readonly path: string,
    wallTime: number,
  ) {
    makeFolder(dirname(path));
    this.descriptor = guarded(path, () => openSync(path, 'w'));
    this.append(fileVersionEvent(wallTime));
  }

  append(event: Uint8Array): void {
    const record = Buffer.alloc(12 + event.length + 4);
    record.writeBigUInt64LE(BigInt(event.length), 0);
    record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
    record.set(event, 12);
    record.writeUInt32LE(maskedCrc32c(event), 12 + event.length);
    guarded(this.path, () => writeSync(this.descriptor, record));
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
