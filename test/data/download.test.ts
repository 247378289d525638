import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { download } from '../../src/data/download.js';
import { fetchArchive, fetchGzipped, fetchMissing, fetchZip } from '../../src/data/fetch.js';
import type { DataFiles } from '../../src/data/dataset.js';
import { contentProblem, sha256, type DataFile, type Progress } from '../../src/data/files.js';
import { temporaryFolder } from './folder.js';

// Mirrors on the loopback are reached without whatever proxy this machine has.
beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  return () => vi.unstubAllEnvs();
});

/** A mirror on the loopback; its address ends in a slash. */
async function mirror(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A mirror nobody listens at. */
async function deadMirror(): Promise<string> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}/`;
}

const content = Buffer.from('0123456789'.repeat(1_000));
const packed = gzipSync(content);
const file: DataFile = { name: 'data', bytes: content.length, sha256: sha256(content) };
const check = { problem: (bytes: Buffer) => contentProblem(bytes, file, []) };
const serve =
  (bytes: Uint8Array): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);

describe('fetchGzipped', () => {
  const fetchFrom = (mirrors: string[], folder: string, onProgress?: (progress: Progress) => void) =>
    fetchGzipped(mirrors, folder, file, check.problem, { onProgress });

  it('writes the file under its own name and reports progress', async () => {
    const folder = join(temporaryFolder(), 'new', 'folder');
    const steps: Progress[] = [];
    await fetchFrom([await mirror(serve(packed))], folder, (progress) => steps.push(progress));
    expect(readdirSync(folder)).toEqual(['data.gz']);
    expect(readFileSync(join(folder, 'data.gz'))).toEqual(packed);
    expect(steps.at(-1)).toMatchObject({ unit: 'bytes', done: packed.length, total: packed.length });
  });

  it('asks the second mirror when the first is dead, refuses, or lies', async () => {
    const good = await mirror(serve(packed));
    const bad = [
      await deadMirror(),
      await mirror((_, response) => response.writeHead(404).end()),
      await mirror(serve(gzipSync('another content'))),
      await mirror(serve(packed.subarray(0, packed.length / 2))),
      // Promises more than it sends.
      await mirror((_, response) => {
        response.writeHead(200, { 'content-length': packed.length });
        response.write(packed.subarray(0, 10), () => response.destroy());
      }),
    ];
    for (const first of bad) {
      const folder = temporaryFolder();
      await fetchFrom([first, good], folder);
      expect(readdirSync(folder)).toEqual(['data.gz']);
    }
  });

  it('names every mirror and its reason when none is good, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const [dead, wrong] = [await deadMirror(), await mirror(serve(gzipSync('another content')))];
    const error = await fetchFrom([dead, wrong], folder).catch((reason: Error) => reason);
    expect((error as Error).message).toContain(`${dead}data.gz: connect ECONNREFUSED`);
    expect((error as Error).message).toContain(
      `${wrong}data.gz: truncated: 15 bytes unpacked, expected 10,000`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('download', () => {
  const never: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('some');
  };

  it('gives up a server that falls silent', async () => {
    const folder = temporaryFolder();
    const url = await mirror(never);
    await expect(download([url], join(folder, 'x'), async () => {}, { patience: 100 })).rejects.toThrow(
      'nothing received for 0.1 s',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends when told to, leaving nothing, without asking the next mirror', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    let asked = 0;
    const other = await mirror((_, response) => {
      asked++;
      response.end('x');
    });
    const started = download([await mirror(never), other], join(folder, 'x'), async () => {}, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('interrupted')),
    });
    await expect(started).rejects.toThrow('interrupted');
    expect(readdirSync(folder)).toEqual([]);
    expect(asked).toBe(0);
  });

  it('blames no mirror for a disk that is full, and asks no other', async () => {
    let asked = 0;
    const count: RequestListener = (_, response) => {
      asked++;
      response.end('x');
    };
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: '/data/x',
    });
    const mirrors = [await mirror(count), await mirror(count)];
    const started = download(mirrors, join(temporaryFolder(), 'x'), () => Promise.reject(full));
    await expect(started).rejects.toThrow(/^cannot write \/data\/x: no space left on the disk$/);
    expect(asked).toBe(1);
  });

  it('says so when the folder cannot be written', async () => {
    const blocked = join(temporaryFolder(), 'file');
    writeFileSync(blocked, '');
    await expect(download(['http://127.0.0.1/'], join(blocked, 'x', 'y'), async () => {})).rejects.toThrow(
      /cannot write to .*file/,
    );
  });

  it('keeps an old file until the new one is whole', async () => {
    const folder = temporaryFolder();
    const target = join(folder, 'x');
    writeFileSync(target, 'old');
    const half = await mirror(serve(Buffer.from('half')));
    const refuse = () => Promise.reject(new Error('refused'));
    await expect(download([half], target, refuse)).rejects.toThrow('refused');
    expect(readFileSync(target, 'utf8')).toBe('old');
    await download([half], target, (temporary) => rename(temporary, target));
    expect(readFileSync(target, 'utf8')).toBe('half');
  });
});

/** A ustar archive of plain files: header and content, each padded to 512 bytes; two empty blocks at the end. */
function tar(files: Record<string, Uint8Array>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(bytes.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    header.write('ustar', 257);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('fetchArchive', () => {
  const second: DataFile = { name: 'more', bytes: 512, sha256: sha256(Buffer.alloc(512, 7)) };
  const whole = {
    'set/data': content,
    'set/readme.html': Buffer.from('hello'),
    'set/more': Buffer.alloc(512, 7),
  };
  const fetchFrom = async (archive: Buffer, folder: string) =>
    fetchArchive({ name: 'set.tar.gz', urls: [await mirror(serve(archive))] }, folder, [file, second], {});

  it('unpacks the files of the set and nothing else', async () => {
    const folder = temporaryFolder();
    await fetchFrom(gzipSync(tar(whole)), folder);
    expect(readdirSync(folder).sort()).toEqual(['data', 'more']);
    expect(readFileSync(join(folder, 'data'))).toEqual(content);
    expect(readFileSync(join(folder, 'more'))).toEqual(Buffer.alloc(512, 7));
  });

  it.each<[string, Buffer, RegExp]>([
    ['truncated gzip', gzipSync(tar(whole)).subarray(0, 100), /truncated gzip data/],
    [
      'a truncated archive',
      gzipSync(tar(whole).subarray(0, 5_000)),
      /truncated archive: ends inside set\/data/,
    ],
    ['a missing file', gzipSync(tar({ 'set/data': content })), /more: not in the archive/],
    [
      'an altered file',
      gzipSync(tar({ ...whole, 'set/more': Buffer.alloc(512, 8) })),
      /more: corrupted or altered/,
    ],
    ['no archive at all', Buffer.from('<html></html>'), /not a tar archive, packed or not \(a page sent/],
    ['a long page', Buffer.alloc(2000, '<p>It moved.'), /not a tar archive, packed or not \(a page sent/],
  ])('writes nothing from %s', async (_, archive, message) => {
    const folder = temporaryFolder();
    await expect(fetchFrom(archive, folder)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

describe('files of which only the packed one has a published checksum', () => {
  const known: DataFile = { name: 'data', bytes: content.length, packedMd5: md5(packed) };
  const anew = gzipSync(content, { level: 0 });

  it('are taken from the mirror that has the published one', async () => {
    const folder = temporaryFolder();
    const mirrors = [await mirror(serve(anew)), await mirror(serve(packed))];
    await fetchGzipped(mirrors, folder, known, check.problem, {});
    expect(readFileSync(join(folder, 'data.gz'))).toEqual(packed);
  });

  it('are refused where no mirror has it', async () => {
    const folder = temporaryFolder();
    const fetching = fetchGzipped([await mirror(serve(anew))], folder, known, check.problem, {});
    await expect(fetching).rejects.toThrow(/MD5 is [0-9a-f]{32}, expected [0-9a-f]{32}/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are refused from an archive with another checksum', async () => {
    const folder = temporaryFolder();
    const archive = gzipSync(tar({ 'set/data': content }));
    const urls = [await mirror(serve(archive))];
    await expect(fetchArchive({ name: 'a', md5: md5(content), urls }, folder, [file], {})).rejects.toThrow(
      'MD5',
    );
    await fetchArchive({ name: 'a', md5: md5(archive), urls }, folder, [file], {});
    expect(readdirSync(folder)).toEqual(['data']);
  });
});

/** A zip archive of files that are stored as they are. */
function zip(files: Record<string, Uint8Array>): Buffer {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from('PK\x03\x04'), facts, Buffer.from(name), Buffer.from(bytes));
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), facts, rest, Buffer.from(name));
    offset += 30 + name.length + bytes.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length / 5, 4);
  end.writeUInt16LE(directory.length / 5, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, ...directory, Buffer.from('PK\x05\x06'), end]);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

describe('fetchZip', () => {
  const fetchFrom = async (archive: Buffer, folder: string, sum = md5(archive)) =>
    fetchZip(
      { name: 'set.zip', md5: sum, urls: [await mirror(serve(archive))] },
      folder,
      [file],
      check.problem,
      {},
    );
  const whole = zip({ 'gzip/data.gz': packed, 'gzip/other.gz': Buffer.from('other') });

  it('keeps the packed files of the set and nothing else', async () => {
    const folder = temporaryFolder();
    await fetchFrom(whole, folder);
    expect(readdirSync(folder)).toEqual(['data.gz']);
    expect(readFileSync(join(folder, 'data.gz'))).toEqual(packed);
  });

  const damaged = Buffer.from(whole);
  damaged[60] ^= 1;
  it.each<[string, Buffer, RegExp]>([
    ['an archive without a file', zip({ 'gzip/other.gz': packed }), /data: not in the archive/],
    ['a file cut short', zip({ 'data.gz': gzipSync(content.subarray(1)) }), /data: truncated/],
    ['damaged bytes', damaged, /corrupted gzip data/],
    ['a truncated archive', whole.subarray(0, 100), /end of central directory/i],
    ['no archive at all', Buffer.from('<html></html>'), /end of central directory/i],
  ])('writes nothing from %s', async (_, archive, message) => {
    const folder = temporaryFolder();
    await expect(fetchFrom(archive, folder)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses another archive than the published one', async () => {
    await expect(fetchFrom(whole, temporaryFolder(), md5(content))).rejects.toThrow('MD5');
  });
});

describe('fetchMissing', () => {
  it('asks for nothing where a folder is in the way', async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'set', file.name), { recursive: true });
    const fetch = () => Promise.reject(new Error('asked'));
    const source: DataFiles = { place: 'data', folder: 'set', files: [file], ...check, fetch };
    await expect(fetchMissing('letters', source, directory, {})).rejects.toThrow(
      `invalid file ${join(directory, 'set', file.name)}: it is a folder`,
    );
  });

  it('says without a network which files to put where, and fetches only what is missing', async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'set'));
    writeFileSync(join(directory, 'set', 'here'), '');
    const dead = await deadMirror();
    const source: DataFiles = {
      place: 'data',
      folder: 'set',
      files: [{ ...file, name: 'here' }, file],
      ...check,
      fetch: async (folder, files, options) => {
        for (const wanted of files) await fetchGzipped([dead], folder, wanted, check.problem, options);
      },
    };
    const error = await fetchMissing('letters', source, directory, {}).catch((reason: Error) => reason);
    const lines = (error as Error).message.split('\n');
    expect(lines[0]).toBe('missing dataset: letters');
    expect(lines[1]).toContain('ECONNREFUSED');
    expect(lines[2]).toBe(
      `Put data (gzipped or not) into ${join(directory, 'set')}, or set BYZSIM_DATA_DIR to the folder that holds ` +
        'set/. The dataset digits is built in and needs no files.',
    );
  });
});
