import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import { fileProblem } from '../base/file-problem.js';
import { moduleKinds, nameProblem, type ModuleKind } from '../modules/load.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { NewKind } from './new-kinds.js';

const templates = fileURLToPath(new URL('../../assets/new/', import.meta.url));

/** What a module defines, by what it is called here; a config is none. */
const defined: Record<Exclude<NewKind, 'config'>, ModuleKind> = {
  aggregator: 'aggregator',
  'meta-aggregator': 'metaAggregator',
  'arrival-rule': 'arrivalRule',
  attack: 'attack',
  'server-attack': 'serverAttack',
  model: 'model',
  optimizer: 'optimizer',
  arrival: 'clock',
};

/** The tests of kinds that a command answers for; others are tested by a short run. */
const tests: Partial<Record<NewKind, string>> = {
  aggregator: 'aggregator.test.mjs',
  'meta-aggregator': 'meta-aggregator.test.mjs',
  attack: 'attack.test.mjs',
};

/** A file to be written, and the template that it comes from. */
interface Written {
  file: string;
  template: string;
}

/**
 * Writes a starting point, a test of it and a config that uses it into the current folder; prints their names and what to
 * type next.
 *
 * @throws UserError, before anything is written, for a name that cannot be had or a file that is there
 */
export function createNew(kind: NewKind, name: string, typescript: boolean, catalogue: Catalogue): void {
  requireName(kind, name, catalogue);
  if (kind === 'config' && typescript)
    throw new UserError('invalid --ts: a config is YAML (leave --ts out, or name another kind)');
  const module = `${name}.${typescript ? 'ts' : 'js'}`;
  // TypeScript finds out all types from what the template calls.
  const own = kind === 'config' ? [] : [{ file: module, template: `${kind}.js` }];
  const written: Written[] = [
    ...own,
    { file: `${name}.test.mjs`, template: tests[kind] ?? 'run.test.mjs' },
    { file: `${name}.yaml`, template: `${kind}.yaml` },
  ];
  const there = written.find(({ file }) => existsSync(file));
  if (there) throw new UserError(`invalid name: ${name} (${there.file} is there already)`);
  for (const { file, template } of written) write(file, filled(template, name, module));
  const commands = [
    ...(kind === 'aggregator' || kind === 'meta-aggregator' ? [`byzsim test-rule ${module}`] : []),
    `byzsim validate ${name}.yaml`,
    `byzsim run ${name}.yaml`,
    `node --test ${name}.test.mjs`,
  ];
  const lines = [...written.map(({ file }) => file), '', 'Next:', ...commands.map((line) => `  ${line}`)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function requireName(kind: NewKind, name: string, catalogue: Catalogue): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new UserError(`invalid name: ${show(name)} (${problem})`);
  if (kind === 'config') return;
  const { registry, noun } = moduleKinds[defined[kind]];
  if (catalogue[registry].has(name))
    throw new UserError(`invalid name: ${name} (byzsim has this ${noun} already)`);
}

function filled(template: string, name: string, module: string): string {
  return readFileSync(`${templates}${template}`, 'utf8').replaceAll('NAME', name).replaceAll('FILE', module);
}

function write(file: string, text: string): void {
  let made = false;
  try {
    const descriptor = openSync(file, 'wx');
    made = true;
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (made) rmSync(file, { force: true }); // a part would be in the way of the next try
    throw new UserError(`cannot write ${file}: ${fileProblem(error)}`);
  }
}
