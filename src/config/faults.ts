import { show } from '../base/describe.js';
import { within, type Issue } from '../base/issues.js';
import { isMapping } from '../base/mapping.js';
import type { FaultConfig } from '../simulation/byzsgd/config.js';
import { nodeNames } from '../simulation/byzsgd/nodes.js';
import { notMapping, parseParameters } from './parameters.js';
import type { Resolved } from './rules.js';
import { faultKeys } from './schema.js';

/** Faults as configs list them; nothing where none are listed. */
export function resolveFaults(
  value: unknown,
  { servers, workers }: { servers?: number; workers?: number },
): Resolved<{ faults?: FaultConfig[] }> {
  if (value === undefined || value === null) return { config: {}, issues: [] };
  if (!Array.isArray(value))
    return {
      issues: [{ path: [], message: `invalid faults: ${show(value)} (expected a list of mappings)` }],
    };
  const names = servers !== undefined && workers !== undefined ? nodeNames(servers, workers) : undefined;
  const issues: Issue[] = [];
  const faults = value.flatMap((each: unknown, k) => {
    const { config, issues: own } = resolveFault(each, names, { servers, workers });
    issues.push(...within([k], own));
    return config ?? [];
  });
  return issues.length > 0 ? { issues } : { config: faults.length > 0 ? { faults } : {}, issues };
}

function resolveFault(
  value: unknown,
  names: readonly string[] | undefined,
  { servers, workers }: { servers?: number; workers?: number },
): Resolved<FaultConfig> {
  if (!isMapping(value)) return { issues: [notMapping('fault', value, faultKeys)] };
  const { values, issues } = parseParameters(value, faultKeys, 'a fault');
  const { node, silentFrom, until, crashAt } = values as {
    node?: string;
    silentFrom?: number;
    until?: number;
    crashAt?: number;
  };
  if (node !== undefined && names && !names.includes(node))
    issues.push({
      path: ['node'],
      message: `unknown node: ${show(node)} (expected s1 to s${servers} or w1 to w${workers})`,
    });
  if (issues.length > 0) return { issues };
  const wrong = (path: string[], message: string) => ({ issues: [{ path, message }] });
  if (silentFrom === undefined && crashAt === undefined)
    return wrong([], 'missing silentFrom: a fault needs one, or crashAt');
  if (silentFrom !== undefined && crashAt !== undefined)
    return wrong(['crashAt'], 'invalid key: crashAt (silentFrom is given too; write two faults)');
  if (until !== undefined && silentFrom === undefined)
    return wrong(['until'], 'invalid key: until (what has crashed does not come back; write silentFrom)');
  if (until !== undefined && until <= silentFrom!)
    return wrong(['until'], `invalid until: ${until} (expected more than silentFrom, ${silentFrom})`);
  return {
    config:
      crashAt !== undefined
        ? { node: node!, crashAt }
        : { node: node!, silentFrom: silentFrom!, ...(until !== undefined && { until }) },
    issues,
  };
}
