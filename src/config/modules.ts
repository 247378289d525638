import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { registry, type Definition } from '../base/definition.js';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Issue, Path } from '../base/issues.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { articled, loadModule, moduleKinds, type LoadedModule, type ModuleKind } from '../modules/load.js';
import type { Catalogue } from '../simulation/catalogue.js';

/** Where a config may name a module: the path of the mapping, `*` for any index of a list, and what it has to define. */
const places: readonly { path: readonly string[]; kinds: readonly ModuleKind[]; key: string }[] = [
  { path: ['aggregator'], kinds: ['aggregator', 'arrivalRule'], key: 'rule' },
  { path: ['aggregator', 'meta', '*'], kinds: ['metaAggregator'], key: 'rule' },
  { path: ['byzantine', 'attack'], kinds: ['attack'], key: 'attack' },
  { path: ['byzantine', 'attack', 'as'], kinds: ['attack'], key: 'attack' },
  { path: ['servers', 'attack'], kinds: ['serverAttack'], key: 'attack' },
  { path: ['model'], kinds: ['model'], key: 'name' },
  { path: ['optimizer'], kinds: ['optimizer'], key: 'name' },
  { path: ['arrival'], kinds: ['clock'], key: 'process' },
  { path: ['network', 'delay'], kinds: ['clock'], key: 'process' },
];

/** A mapping of a config that names a module. */
interface Mention {
  path: Path;
  kinds: readonly ModuleKind[];
  /** The key that holds the name of what it defines. */
  key: string;
  mapping: Mapping & { module: unknown };
}

function mentions(config: unknown): Mention[] {
  return places.flatMap(({ path, ...place }) =>
    at(config, path, []).map(({ value, path }) => ({ ...place, path, mapping: value })),
  );
}

function at(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: Path,
): { value: Mapping & { module: unknown }; path: Path }[] {
  if (step === undefined)
    return isMapping(value) && (value.module ?? undefined) !== undefined
      ? [{ value: value as Mapping & { module: unknown }, path }]
      : [];
  if (step === '*')
    return Array.isArray(value) ? value.flatMap((entry, k) => at(entry, rest, [...path, k])) : [];
  return isMapping(value) ? at(value[step], rest, [...path, step]) : [];
}

/** The same config with other mappings in place of those that name a module. */
function mapMentions(config: Mapping, change: (mention: Mention) => Mapping): Mapping {
  return mentions(config).reduce(
    (changed, mention) => replace(changed, mention.path, change(mention)),
    config,
  );
}

function replace<T>(value: T, [step, ...rest]: Path, by: Mapping): T {
  if (step === undefined) return by as T;
  if (Array.isArray(value))
    return value.map((each, k) => (k === step ? replace(each, rest, by) : each) as unknown) as T;
  return { ...value, [step]: replace((value as Mapping)[step], rest, by) };
}

/** The modules that a config names, loaded, by kind and by what it calls them; or why one cannot be. */
export type Modules = ReadonlyMap<string, LoadedModule | { problem: string }>;

const keyOf = ({ kinds: [kind], mapping: { module } }: Mention) => `${kind} ${JSON.stringify(module)}`;

/** What tells configs apart in the modules that they name. */
export function modulesNamed(config: unknown): string[] {
  return mentions(config).map(keyOf);
}

/** Loads the modules that a config names. Their paths are relative to `folder`, or else to the current one. */
export async function loadModules(config: unknown, folder: string): Promise<Modules> {
  const loaded = new Map<string, LoadedModule | { problem: string }>();
  for (const mention of mentions(config))
    if (!loaded.has(keyOf(mention))) loaded.set(keyOf(mention), await load(mention, folder));
  return loaded;
}

async function load(
  { kinds, mapping: { module } }: Mention,
  folder: string,
): Promise<LoadedModule | { problem: string }> {
  if (typeof module !== 'string' || module === '' || module.includes('\0'))
    return {
      problem: `invalid module: ${show(module)} (expected a file that defines ${articled(moduleKinds[kinds[0]])})`,
    };
  const candidates = [...new Set([resolve(folder, module), resolve(module)])];
  const file = candidates.find((each) => existsSync(each));
  if (file === undefined)
    return { problem: `missing module: ${show(module)} (looked for ${candidates.join(' and ')})` };
  try {
    return await loadModule(file, kinds);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: error.message };
  }
}

/**
 * A config that names no module any more but what they define, and the catalogue with these in it.
 *
 * @param modules loaded, all that `raw` names
 */
export function withModules(
  raw: Mapping,
  catalogue: Catalogue,
  modules: Modules,
): { raw: Mapping; catalogue: Catalogue; issues: Issue[] } {
  const issues: Issue[] = [];
  const brought: LoadedModule[] = [];
  const named = mapMentions(raw, (mention) => {
    const { key, mapping, path } = mention;
    const { module, ...rest } = mapping;
    const wrong = (message: string) => {
      issues.push({ path: [...path, 'module'], message });
      return mapping;
    };
    const loaded = modules.get(keyOf(mention))!;
    if ('problem' in loaded) return wrong(loaded.problem);
    const { kind, definition } = loaded;
    const { name } = definition;
    if ((rest[key] ?? name) !== name)
      return wrong(`invalid ${key}: ${show(rest[key])} (${show(module)} defines ${name})`);
    const known = catalogue[moduleKinds[kind].registry].get(name);
    const twin = brought.find((each) => each.kind === kind && each.definition.name === name);
    const problem = takenName(loaded, known ?? twin?.definition);
    if (problem !== undefined) return wrong(`invalid module: ${show(module)} ${problem}`);
    if (!known && !twin) brought.push(loaded);
    return { ...rest, [key]: name };
  });
  return { raw: named, catalogue: extend(catalogue, brought), issues };
}

/** A catalogue with definitions of the user's own beside its own. */
export function extend(catalogue: Catalogue, modules: readonly LoadedModule[]): Catalogue {
  const extended: Record<string, Catalogue[keyof Catalogue]> = { ...catalogue };
  for (const { kind, definition } of modules) {
    const key = moduleKinds[kind].registry;
    extended[key] = registry<Definition>([...extended[key].values(), definition]) as Catalogue[typeof key];
  }
  return extended as unknown as Catalogue;
}

/**
 * A catalogue with the definitions of files in it, whatever they define.
 *
 * @throws UserError where one cannot be loaded, or has a name that is taken
 */
export async function catalogueWith(files: readonly string[], catalogue: Catalogue): Promise<Catalogue> {
  let extended = catalogue;
  for (const file of files) ({ catalogue: extended } = await bring(file, extended));
  return extended;
}

/**
 * The definition of a file, whatever it defines, and a catalogue with it.
 *
 * @throws UserError where it cannot be loaded, or has a name that is taken
 */
export async function bring(
  file: string,
  catalogue: Catalogue,
): Promise<{ loaded: LoadedModule; catalogue: Catalogue }> {
  if (!existsSync(file)) throw new UserError(`missing module: ${file}`);
  const loaded = await loadModule(resolve(file));
  const problem = takenName(loaded, catalogue[moduleKinds[loaded.kind].registry].get(loaded.definition.name));
  if (problem !== undefined) throw new UserError(`invalid module: ${file} ${problem}`);
  return { loaded, catalogue: extend(catalogue, [loaded]) };
}

/** What is wrong where something else has the name of what a module defines. */
function takenName(
  { kind, definition: { name, module } }: LoadedModule,
  other?: Definition,
): string | undefined {
  if (other === undefined || other.module === module) return undefined;
  const whose =
    other.module === undefined ? 'which byzsim has (name it otherwise)' : `as ${other.module} does`;
  return `defines the ${moduleKinds[kind].noun} ${name}, ${whose}`;
}

/**
 * The catalogue of a config or a part of one, itself with names in place of modules, and the SHA-256 of these.
 *
 * @param config whose paths are absolute, or relative to the current folder
 * @throws UserError where one cannot be loaded any more
 */
export async function catalogueOf(
  config: object,
  catalogue: Catalogue,
): Promise<{ raw: Mapping; catalogue: Catalogue; sums?: Record<string, string> }> {
  const modules = await loadModules(config, '.');
  if (modules.size === 0) return { raw: config as Mapping, catalogue };
  const { raw, catalogue: extended, issues } = withModules(config as Mapping, catalogue, modules);
  if (issues.length > 0) throw new UserError(issues[0].message);
  return { raw, catalogue: extended, sums: sumsOf(modules) };
}

/** SHA-256 of modules by their files. */
export function sumsOf(modules: Modules): Record<string, string> {
  const sums = [...modules.values()].flatMap((each) =>
    'problem' in each ? [] : [[each.definition.module!, each.sha256] as const],
  );
  return Object.fromEntries(sums);
}

/** The files of the modules that a resolved config names. */
export function moduleFiles(config: object): string[] {
  return mentions(config).map(({ mapping }) => String(mapping.module));
}

/** A resolved config with the sums of its modules in place of their files. */
export function hashedModules<T extends object>(config: T, sums: Readonly<Record<string, string>>): T {
  return mapMentions(config as Mapping, ({ mapping }) => ({
    ...mapping,
    module: { sha256: sums[String(mapping.module)] },
  })) as T;
}
