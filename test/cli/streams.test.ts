import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/study.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = join(root, 'bin/byzsim.js');
const results = 'results/paper/figure-a-mnist';

/** What a command line of bash prints and ends with; "$0" "$1" is byzsim. */
function bash(command: string, options: { input?: string; prefix?: string[] } = {}) {
  const [program, ...rest] = [...(options.prefix ?? []), 'bash', '-c', command, process.execPath, binary];
  const { input } = options;
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd: root, encoding: 'utf8', input });
  return { status, stdout, stderr };
}

describe.skipIf(!existsSync('/dev/full'))('a full disk behind standard output', () => {
  test.each([
    ['list attacks'],
    ['schema'],
    ['data list'],
    [`check ${results} --threshold 'final.test_accuracy: mean > 0'`],
    [`aggregate <<< '{"aggregator": "mean", "vectors": [[1]]}'`],
  ])('%s: a sentence and status 2', (command) => {
    expect(bash(`"$0" "$1" ${command} > /dev/full`)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'byzsim: cannot write to standard output: no space left on the disk\n',
    });
  });

  test('behind standard error nobody can be told, but the result is there', () => {
    const { status, stdout } = bash('"$0" "$1" list attacks 2> /dev/full');
    expect(status).toBe(0);
    expect(stdout).toContain('sign-flip');
  });
});

test('a reader that has seen enough is no failure', () => {
  expect(bash('set -o pipefail; "$0" "$1" schema | head -1')).toEqual({
    status: 0,
    stdout: '{\n',
    stderr: '',
  });
});

/** A mount of our own, where Linux lets us have one. */
const namespace = ['unshare', '--user', '--map-root-user', '--mount'];
const mounts =
  spawnSync(namespace[0], [...namespace.slice(1), 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;
if (!mounts) test.skip('a read-only file system is not tried: nothing can be mounted here', () => {});

describe.runIf(mounts)('a read-only file system is named as such, with the place', () => {
  test.each([
    ['run "$PLACE/small.yaml" --backend cpu --quiet --out "$PLACE/new"', 'new/small/'],
    ['sweep "$PLACE/small.yaml" updates=1,2 --quiet --out "$PLACE/new"', 'new/small'],
    [`plot ${results} -o "$PLACE/figure.svg"`, 'figure.svg'],
    [`report ${results} -o "$PLACE/report.html"`, 'report.html'],
    [`check ${results} --threshold 'final.test_accuracy: mean > 0' --junit "$PLACE/x.xml"`, 'x.xml'],
    ['data fetch mnist', 'data/mnist'],
  ])('%s', (command, path) => {
    const place = join(temporaryFolder(), 'mounted');
    mkdirSync(place);
    const config =
      'dataset: {points: points.csv}\nworkers: 3\naggregator: mean\noptimizer: sgd\nupdates: 2\n';
    const { status, stderr } = bash(
      `export PLACE='${place}' BYZSIM_DATA_DIR='${place}/data'
      mount -t tmpfs x "$PLACE" && mkdir "$PLACE/data" && printf '1\\n2\\n' > "$PLACE/points.csv" &&
      cat > "$PLACE/small.yaml" && mount -o remount,ro "$PLACE" && "$0" "$1" ${command}`,
      { input: config, prefix: namespace },
    );
    expect(stderr).toMatch(/^byzsim: cannot write (to )?\S+: it is on a read-only file system$/m);
    expect(stderr).toContain(join(place, path));
    expect(status).toBe(2);
  });
});

/** Shell commands of a disk of 100 kB at $PLACE, on which a run of this config begins. */
const onSmallDisk = (commands: string) => {
  const place = join(temporaryFolder(), 'mounted');
  mkdirSync(place);
  const config =
    'dataset: {points: points.csv}\nworkers: 3\naggregator: mean\noptimizer: sgd\nupdates: 40\nevaluate: {every: 1}\n';
  return bash(
    `export PLACE='${place}'
    mount -t tmpfs -o size=100k x "$PLACE" && printf '1\\n2\\n' > "$PLACE/points.csv" && cat > "$PLACE/small.yaml" || exit 9
    run() { "$0" "$1" run "$PLACE/small.yaml" --backend cpu --quiet --out "$PLACE"; }
    ${commands}`,
    { input: config, prefix: namespace },
  );
};

describe.runIf(mounts)('a disk that was full', () => {
  test.each([88, 84, 80, 76])('lets the run go on once there is space: %i kB taken', (size) => {
    const { status, stdout, stderr } = onSmallDisk(
      `head -c ${size}k /dev/zero > "$PLACE/fill"; run "$@"; echo "status $?" >&2
      rm "$PLACE/fill"; run "$@"`,
    );
    expect(stderr).toMatch(/^byzsim: cannot write \S+: no space left on the disk\n(.*\n)*status 2\n/m);
    expect(stdout).toContain('metrics.csv');
    expect(status).toBe(0);
  });

  test('a file that could not be begun is not in the way', () => {
    const { status, stderr } = onSmallDisk(
      `cd "$PLACE"; head -c 200k /dev/zero > fill 2> /dev/null; "$0" "$1" new attack mine; rm fill; "$0" "$1" new attack mine`,
    );
    expect(stderr).toContain('no space left on the disk');
    expect(status).toBe(0);
  });
});
