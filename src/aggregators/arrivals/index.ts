import { aflguard } from './aflguard.js';
import type { ArrivalRuleDefinition } from './arrival-rule.js';
import { basgd } from './basgd.js';
import { fedbuff } from './fedbuff.js';
import { kardam } from './kardam.js';
import { staleness } from './staleness.js';
import { zeno } from './zeno.js';

/** The rules of arrivals that come with byzsim. */
export const arrivalRules = [staleness, fedbuff, kardam, zeno, aflguard, basgd] as ArrivalRuleDefinition[];
