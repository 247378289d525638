import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rename } from 'node:fs/promises';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { download } from '../../src/data/download.js';
import { describeProxy, proxyAgent } from '../../src/data/proxy.js';
import { certificate } from '../support/certificate.js';
import { sweep } from '../../src/library/sweep.js';
import { byzsim } from '../support/cli.js';
import { temporaryFolder } from './folder.js';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined);
  return () => vi.unstubAllEnvs();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A mirror on the loopback that answers every request with its path. */
const mirror = () => listen(createServer((request, response) => response.end(`plain ${request.url}`)));
const secureMirror = () =>
  listen(createSecureServer(certificate, (request, response) => response.end(`secure ${request.url}`)));

/** A proxy that passes requests on, and what it was asked for. `credentials`: what it asks for. */
async function proxy(credentials?: string) {
  const asked: string[] = [];
  const allowed = ({ headers }: IncomingMessage) =>
    credentials === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!allowed(request)) return void response.writeHead(407).end();
    void fetch(request.url!).then(async (answer) => response.end(await answer.text()));
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`${request.method} ${request.url}`);
    if (!allowed(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host, port] = request.url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  return { address: `127.0.0.1:${await listen(server)}`, asked };
}

/** What comes from a URL. */
async function fetched(url: string): Promise<string> {
  const target = join(temporaryFolder(), 'x');
  await download([url], target, (temporary) => rename(temporary, target));
  return readFileSync(target, 'utf8');
}

describe('a proxy', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('of %s gets whole addresses for plain http', async (name) => {
    const { address, asked } = await proxy();
    vi.stubEnv(name, `http://${address}`);
    const url = `http://127.0.0.1:${await mirror()}/x`;
    expect(await fetched(url)).toBe('plain /x');
    expect(asked).toEqual([`GET ${url}`]);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])('of %s tunnels https, unread', async (name) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0'); // nobody trusts the certificate of the tests
    const { address, asked } = await proxy();
    vi.stubEnv(name, address);
    const port = await secureMirror();
    expect(await fetched(`https://localhost:${port}/x`)).toBe('secure /x');
    expect(asked).toEqual([`CONNECT localhost:${port}`]);
  });

  test('of HTTPS_PROXY has nothing to do with plain http', async () => {
    const { address, asked } = await proxy();
    vi.stubEnv('HTTPS_PROXY', address);
    expect(await fetched(`http://127.0.0.1:${await mirror()}/x`)).toBe('plain /x');
    expect(asked).toEqual([]);
  });

  test.each(['127.0.0.1', 'example.org, 127.0.0.1', '*'])(
    'is not asked for hosts of NO_PROXY: %s',
    async (except) => {
      const { address, asked } = await proxy();
      vi.stubEnv('HTTP_PROXY', address);
      vi.stubEnv('NO_PROXY', except);
      expect(await fetched(`http://127.0.0.1:${await mirror()}/x`)).toBe('plain /x');
      expect(asked).toEqual([]);
    },
  );

  test('gets user and password, which may be percent-encoded', async () => {
    const { address } = await proxy('me:p@ss');
    vi.stubEnv('HTTP_PROXY', `http://me:p%40ss@${address}`);
    expect(await fetched(`http://127.0.0.1:${await mirror()}/x`)).toBe('plain /x');
  });
});

describe('errors name the proxy and no password', () => {
  test.each(['http', 'https'])('that refuses %s', async (scheme) => {
    const { address } = await proxy('me:right');
    vi.stubEnv(`${scheme}_proxy`, `http://me:secret@${address}`);
    vi.stubEnv('no_proxy', 'example.org');
    const error = await fetched(`${scheme}://127.0.0.1:9443/x`).catch((reason: Error) => reason.message);
    expect(error).toContain('HTTP 407 Proxy Authentication Required');
    expect(error).toContain(`(${scheme}_proxy=http://${address}, NO_PROXY=example.org)`);
    expect(error).not.toContain('secret');
  });

  test('that is not there', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://me:secret@127.0.0.1:1');
    const error = await fetched('https://127.0.0.1:2/x').catch((reason: Error) => reason.message);
    expect(error).toMatch(/connect ECONNREFUSED 127\.0\.0\.1:1 \(HTTPS_PROXY=http:\/\/127\.0\.0\.1:1\)$/);
  });

  test.each([
    ['socks5://me:secret@127.0.0.1:1', 'invalid HTTP_PROXY: socks5://127.0.0.1:1 (expected'],
    ['http://me:secret@:bad:', 'invalid HTTP_PROXY: :bad: (expected'],
    ['http://me:%zz@127.0.0.1:1', 'invalid proxy: a % in its user or password'],
  ])('that is none: %s', async (value, message) => {
    await expect(proxyAgent({ HTTP_PROXY: value })).rejects.toThrow(message);
  });

  test('HTTP_PROXY serves https where there is no other', () => {
    expect(describeProxy('https://x/', { HTTP_PROXY: 'proxy:3128' })).toBe('HTTP_PROXY=http://proxy:3128');
    expect(describeProxy('http://x/', { HTTPS_PROXY: 'proxy:3128' })).toBeUndefined();
    expect(describeProxy('http://x/', { HTTP_PROXY: '' })).toBeUndefined();
  });
});

test('byzsim data fetch asks the proxy for every mirror', async () => {
  const asked: string[] = [];
  const server = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url!);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const address = `127.0.0.1:${await listen(server)}`;
  const env = { HTTPS_PROXY: `http://me:secret@${address}`, BYZSIM_DATA_DIR: temporaryFolder() };
  const { status, stdout, stderr } = await byzsim(['data', 'fetch', 'mnist'], { env });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^byzsim: missing dataset: mnist$/m);
  expect(stderr).toContain(`(HTTPS_PROXY=http://${address})`);
  expect(stderr).not.toMatch(/secret|\n\s+at /);
  expect(asked).toEqual(['ossci-datasets.s3.amazonaws.com:443', 'storage.googleapis.com:443']);
});

test('a sweep looks for its data once, and without them begins no run', async () => {
  let asked = 0;
  const server = createServer().on('connect', (_, socket: Socket) => {
    asked++;
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const folder = temporaryFolder();
  const env = { HTTPS_PROXY: `http://127.0.0.1:${await listen(server)}`, BYZSIM_DATA_DIR: folder };
  const words = ['sweep', 'configs/mnist-signflip.yaml', 'seeds=1,2,3,4', 'updates=2', '--out', folder];
  const { status, stdout, stderr } = await byzsim(words, { env });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.match(/missing dataset: mnist/g)).toHaveLength(1);
  expect(stderr).toContain('downloading mnist\n');
  expect(asked).toBe(2);
});

test('so does a sweep of a program', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  const out = temporaryFolder();
  vi.stubEnv('BYZSIM_DATA_DIR', out);
  const notes: string[] = [];
  const running = sweep('configs/mnist-signflip.yaml', {
    overrides: ['seeds=1,2', 'updates=2'],
    out,
    onNote: (note) => notes.push(note),
  });
  await expect(running).rejects.toThrow(/^missing dataset: mnist\n/);
  expect(notes).toEqual(['2 of 2 runs to do', 'downloading mnist']);
});
