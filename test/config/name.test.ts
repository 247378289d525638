import { expect, test } from 'vitest';
import { defaultName } from '../../src/config/name.js';

test.each([
  ['configs/mnist-signflip.yaml', 'mnist-signflip'],
  ['my study (2).YML', 'my-study-2-'],
  ['_x.yaml', 'x'],
  ['.yaml', 'config'],
])('%s gives the name %s', (file, name) => {
  expect(defaultName(file)).toBe(name);
});

test('files whose names differ in letters that names do not have give different names, all of them legal', () => {
  const files = ['größe', 'grüße', 'ü', 'ä', '日本', '日'.repeat(200), `${'x'.repeat(120)}ü`];
  const names = files.map((file) => defaultName(`${file}.yaml`));
  expect(new Set(names).size).toBe(files.length);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
  expect(names[0]).toMatch(/^gr-e-[0-9a-f]{8}$/);
});

test('a name composed of marks is the same as the composed one', () => {
  expect(defaultName('u\u0308.yaml')).toBe(defaultName('\u00fc.yaml'));
});
