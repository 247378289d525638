import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, onTestFinished } from 'vitest';
import { folderWith } from '../modules/files.js';
import { byzsim } from '../support/cli.js';

const page = readFileSync(new URL('../../docs/own-rules.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```js\n([^`]+export default[\s\S]+?)```/g)].map(([, code]) => code);

test('the rules of docs/own-rules.md run', async () => {
  expect(examples).toHaveLength(2);
  const folder = folderWith({
    'c.yaml': `dataset: digits
model: logistic
workers: 5
byzantine: { count: 1, lambda: 0.2, attack: sign-flip }
optimizer: { name: momentum, learningRate: 0.1 }
updates: 300
evaluate: { every: 300 }
`,
  });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [k, example] of examples.entries()) {
    writeFileSync(join(folder, `${k}.js`), example);
    const args = ['run', 'c.yaml', `aggregator={module: ${k}.js}`, '--quiet', '--json'];
    const { status, stdout } = await byzsim(args, { cwd: folder });
    expect(status).toBe(0);
    const { final } = JSON.parse(stdout) as { final: { test_accuracy: { mean: number } } };
    expect(final.test_accuracy.mean).toBeGreaterThan(0.5);
  }
});
