import type { Catalogue } from '../simulation/catalogue.js';
import type { Config } from './config.js';

/**
 * What to say of an experiment that is legal and yet may not be what was meant, a sentence each.
 *
 * @param catalogue byzsim's own, without a config's modules
 */
export function describeRemarks(
  config: Config,
  catalogue: Pick<Catalogue, 'aggregators' | 'attacks' | 'modes'>,
): string[] {
  return [describeIdleAttack(config, catalogue), describeMajority(config, catalogue)].filter(
    (remark) => remark !== undefined,
  );
}

/**
 * Of an attack at times that comes in no update of the run, so that its results are those of honest workers: "no message
 * of 200 updates is an attack: burst comes at other times".
 */
function describeIdleAttack(
  { byzantine, updates }: Config,
  { attacks }: Pick<Catalogue, 'attacks'>,
): string | undefined {
  if (byzantine.count === 0) return undefined;
  const { attack, ...parameters } = byzantine.attack;
  const definition = attacks.get(attack); // one of a module is not in the catalogue, and may be long about it
  if (definition?.kind !== 'scheduled') return undefined;
  const comes = definition.create(parameters);
  for (let update = 0; update < updates; update++) if (comes(update)) return undefined;
  return `no message of ${updates} updates is an attack: ${attack} comes at other times`;
}

/**
 * Of Byzantine workers who may be half of those that a rule hears, where messages count the same: "4 of the 5 messages of a
 * round may be Byzantine: no rule withstands half of them". Where they count by updates, each run says how it was; and a
 * rule of messages one by one hears none beside each other.
 */
function describeMajority(
  config: Config,
  { aggregators, modes }: Pick<Catalogue, 'aggregators' | 'modes'>,
): string | undefined {
  const { byzantine, workers, aggregator } = config;
  const mode = modes.get(config.mode)!;
  const arrive = mode.workers === 'one-by-one';
  if (arrive && (aggregator.weighted || !aggregators.has(aggregator.rule))) return undefined;
  const heard = mode.messages?.({ ...config }, workers) ?? workers;
  const theirs = Math.min(byzantine.count, heard);
  if (2 * theirs < heard) return undefined;
  return `${theirs} of the ${heard} messages of ${mode.unit === 'update' ? 'an' : 'a'} ${mode.unit} may be Byzantine: no rule withstands half of them`;
}
