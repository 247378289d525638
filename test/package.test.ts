import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8')) as Record<string, object>;

interface Locked {
  resolved?: string;
  hasInstallScript?: boolean;
}

const locked = Object.entries(read('package-lock.json').packages as Record<string, Locked>);

// npm 10 does not know allowScripts, but runs no step of a package that the lock file says has none.
test('npm ci runs the install steps that package.json allows, and no other', () => {
  const allowed = read('package.json').allowScripts as Record<string, boolean>;
  const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = running.map(([path]) =>
    path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
  );
  expect(names.filter((name) => allowed[name] !== true)).toEqual([]);
});

test('the lock file names packages and checksums, no registry', () => {
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test('npm knows every option of .npmrc', () => {
  const { stderr } = spawnSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' });
  expect(stderr).not.toMatch(/unknown project config/i);
});
