import type { Catalogue } from '../simulation/catalogue.js';
import type { Config } from './config.js';

/**
 * What to say of an attack at times that comes in no update of the run, so that its results are those of honest workers:
 * "no message of 200 updates is an attack: burst comes at other times". Else nothing.
 *
 * @param catalogue byzsim's own, without a config's modules
 */
export function describeIdleAttack(
  { byzantine, updates }: Pick<Config, 'byzantine' | 'updates'>,
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
