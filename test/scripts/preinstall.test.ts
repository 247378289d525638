import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const preinstall = fileURLToPath(new URL('../../scripts/preinstall.js', import.meta.url));

/** byzsim and onnxruntime-node as npm unpacks them, the latter without its libraries. */
let folder: string;
let installer: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-preinstall-'));
  const place = (path: string) => join(folder, 'node_modules', path);
  mkdirSync(place('byzsim/scripts'), { recursive: true });
  writeFileSync(place('byzsim/package.json'), '{"type": "module"}');
  cpSync(preinstall, place('byzsim/scripts/preinstall.js'));
  for (const part of ['package.json', 'script'])
    cpSync(join(runtime, part), place(`onnxruntime-node/${part}`), { recursive: true });
  for (const name of ['adm-zip', 'global-agent'])
    symlinkSync(dirname(createRequire(join(runtime, 'x')).resolve(`${name}/package.json`)), place(name));
  installer = place('onnxruntime-node/script/install.js');
  // In a checkout npm has run the script as well.
  const [changed, ...original] = readFileSync(installer, 'utf8').split('\n');
  if (changed.includes('preinstall.js of byzsim')) writeFileSync(installer, original.join('\n'));
  // Stands for the network.
  writeFileSync(
    place('offline.cjs'),
    `require('https').get = (url) => { throw new Error('asked ' + url); };`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs onnxruntime-node's own install step, as npm does. Returns what it asked the network for, if anything. */
function install(environment: Record<string, string> = {}, ...args: string[]): string | undefined {
  const env = { PATH: process.env.PATH, ...environment };
  const preload = ['--require', join(folder, 'node_modules/offline.cjs')];
  const { status, stderr } = spawnSync(process.execPath, [...preload, installer, ...args], {
    env,
    encoding: 'utf8',
  });
  const [, asked] = /Error: asked (\S+)/.exec(stderr) ?? [];
  expect(status, stderr).toBe(asked ? 1 : 0);
  return asked;
}

function prepare(): void {
  const script = join(folder, 'node_modules/byzsim/scripts/preinstall.js');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the install step of onnxruntime-node',
  () => {
    test('asks another host than the registry when it is left alone', () => {
      expect(install()).toMatch(/^https:/);
    });

    test('asks none after that of byzsim, which may run twice', () => {
      prepare();
      const once = readFileSync(installer, 'utf8');
      prepare();
      expect(readFileSync(installer, 'utf8')).toBe(once);
      expect(install()).toBeUndefined();
    });

    test('still fetches what is asked for', () => {
      expect(install({ ONNXRUNTIME_NODE_INSTALL: 'cuda12' })).toMatch(/^https:/);
      expect(install({ npm_config_onnxruntime_node_install: 'cuda12' })).toMatch(/^https:/);
      expect(install({ ONNXRUNTIME_NODE_INSTALL_CUDA: 'v12' })).toMatch(/^https:/);
      expect(install({}, '--onnxruntime-node-install=cuda12')).toMatch(/^https:/);
      // As `byzsim setup cuda` starts it.
      expect(install({ ONNXRUNTIME_NODE_INSTALL: '' }, '--onnxruntime-node-install=cuda12')).toMatch(
        /^https:/,
      );
    });
  },
);

test('a missing onnxruntime-node is no concern of that of byzsim', () => {
  rmSync(join(folder, 'node_modules/onnxruntime-node'), { recursive: true });
  prepare();
});
