import type { Mapping } from '../../base/mapping.js';
import { answerAggregate } from '../../library/answer-aggregate.js';
import type { Catalogue } from '../../simulation/catalogue.js';
import { numbers } from './requests.js';

/**
 * The aggregate of a request's vectors, or with `meta` and no aggregator the transformed vectors, as JSON.
 *
 * @throws UserError where the request is wrong, ExperimentError where too few vectors are finite
 */
export function aggregate(request: Mapping, catalogue: Catalogue): string {
  const answer = answerAggregate(request, catalogue);
  return Array.isArray(answer) ? `[${answer.map(numbers).join(',')}]` : numbers(answer);
}
