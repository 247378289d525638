/**
 * Whether another checkout of byzsim gives the same results as this one, to the byte: the same run folders (so the same
 * hashes), metrics.csv and iterates.csv, for everything that a config can name and on every engine that loads.
 *
 *     npm run same-bytes -- ../other-checkout
 *
 * Both are built before. Exit status: 0, or 1 where something differs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [other] = process.argv.slice(2);
if (other === undefined) {
  process.stderr.write('usage: npm run same-bytes -- OTHER_CHECKOUT\n');
  process.exit(2);
}

/** Which sweeps run on which engines. */
const plan: Record<string, string[]> = {
  points: ['onnx'],
  images: ['onnx', 'wasm', 'tensorflow', 'cpu'],
  networks: ['onnx', 'wasm', 'tensorflow'],
};

const folder = mkdtempSync(join(tmpdir(), 'byzsim-same-'));
const points = Array.from({ length: 23 }, (_, k) => [Math.sin(k), Math.cos(2 * k), k / 10, (k % 5) - 2]);

try {
  process.exitCode = compare() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function compare(): boolean {
  let same = true;
  for (const [name, engines] of Object.entries(plan)) {
    const sweep = join(folder, `${name}.yaml`);
    writeFileSync(join(folder, 'points.csv'), points.map((row) => row.join(',')).join('\n'));
    writeFileSync(sweep, readFileSync(join(here, 'scripts/same-bytes', `${name}.yaml`)));
    for (const engine of engines) {
      const [mine, theirs] = [here, resolve(other)].map((checkout, k) => {
        const out = join(folder, `${engine}-${k}`);
        const { status, stderr } = spawnSync(
          process.execPath,
          [join(checkout, 'bin/byzsim.js'), 'sweep', sweep, '--backend', engine, '--out', out, '--quiet'],
          { encoding: 'utf8' },
        );
        if (status === 2 && stderr.includes('unavailable engine')) return undefined;
        return filesIn(join(out, name));
      });
      if (!mine || !theirs) {
        process.stdout.write(`${name} on ${engine}: left out, the engine does not load\n`);
        continue;
      }
      const names = [...new Set([...mine.keys(), ...theirs.keys()])];
      const differing = names.filter((file) => mine.get(file) !== theirs.get(file));
      process.stdout.write(`${name} on ${engine}: ${names.length} files, ${differing.length} differ\n`);
      for (const file of differing) process.stdout.write(`  ${file}\n`);
      if (differing.length > 0 || names.length === 0) same = false;
    }
  }
  return same;
}

/** The results in and below a folder, by path. */
function filesIn(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const results = names.filter((name) => /seed-\d+\/(metrics|iterates)\.csv$/.test(name)).sort();
  return new Map(results.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}
