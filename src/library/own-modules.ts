import { pick, type Mapping } from '../base/mapping.js';
import { catalogueOf } from '../config/modules.js';
import type { Catalogue } from '../simulation/catalogue.js';

/**
 * A request with names in place of the modules in it, and a catalogue that has what they define. Their paths are from
 * the current folder.
 *
 * @throws UserError where one cannot be loaded
 */
export async function withOwnModules(
  request: Mapping,
  builtins: Catalogue,
): Promise<{ request: Mapping; catalogue: Catalogue }> {
  const { aggregator, meta, attack } = request;
  // As a config has them.
  const { raw, catalogue } = await catalogueOf(
    { aggregator: aggregator ?? { meta }, byzantine: { attack } },
    builtins,
  );
  const named = raw as { aggregator: unknown; byzantine: Mapping };
  const own = {
    aggregator: named.aggregator,
    meta: aggregator === undefined ? (named.aggregator as Mapping).meta : meta,
    attack: named.byzantine.attack,
  };
  return { request: { ...request, ...pick(own, Object.keys(request)) }, catalogue };
}
