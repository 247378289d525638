import { z } from 'zod';
import { byzantineCount } from '../parameters.js';
import { defineArrivalRule, type Arrival } from './arrival-rule.js';

type Values = Float32Array | Float64Array;

/** What the server keeps of a worker. */
interface Last {
  /** g', its last message. */
  message: Values;
  /** x', the model it was computed at. */
  origin: Values;
  /** k_p: how fast its messages changed along the model when it was last seen; absent before a second message. */
  slope?: number;
}

/**
 * Kardam, of two filters and a dampening.
 * - Lipschitz filter: k_p = |g - g'| / |x_{t-τ} - x'|, of this message and the worker's last one, whether accepted or not;
 *   it passes if k_p is at most the (n-f)/n quantile of the latest k of all workers, this one included. A first message
 *   passes, and so does one computed at the model of the one before, of which no k can be learned.
 * - Frequency filter: of the last 2f + 1 accepted messages, this one included, at least f + 1 workers must be senders.
 * - An accepted message counts exp(-α sqrt(τ)) times.
 */
export const kardam = defineArrivalRule({
  name: 'kardam',
  title: 'Kardam',
  summary: 'messages that change along the model as those of most workers do, damped by exp(-α sqrt(τ))',
  source: 'Damaskinos et al., Asynchronous Byzantine Machine Learning (the case of SGD), ICML 2018',
  parameters: {
    f: byzantineCount,
    alpha: z.number().min(0).default(0.2).describe('α, how fast stale messages lose weight'),
  },
  check: ({ f = 0 }, { workers: n }) =>
    n < 3 * f + 1 ? `f = ${f} needs n >= 3f + 1 = ${3 * f + 1}, but n = ${n}` : undefined,
  usesOrigin: true,
  remembers: (_, { workers }) => 2 * workers,
  create({ f = 0, alpha }, { workers: n, state }) {
    const workers = state.remember<Record<number, Last>>('workers', {});
    /** Whose the last 2f accepted messages were. */
    const senders = state.remember<number[]>('senders', []);

    const passesLipschitz = (arrival: Arrival): boolean => {
      const known = workers.value;
      const last: Last | undefined = known[arrival.worker];
      const slope = last && slopeOf(arrival, last);
      const { vectors, message, origin } = arrival;
      known[arrival.worker] = {
        message: vectors.toHost(message),
        origin: vectors.toHost(origin!),
        slope: slope ?? last?.slope,
      };
      if (slope === undefined) return true;
      const slopes = Object.values(known).flatMap((each) => each.slope ?? []);
      const rank = Math.ceil(((n - f) * slopes.length) / n);
      return slope <= slopes.toSorted((a, b) => a - b)[rank - 1];
    };

    return (arrival) => {
      const { worker, message, staleness, vectors } = arrival;
      if (!passesLipschitz(arrival)) return 'refused';
      const recent = [...senders.value, worker];
      if (recent.length === 2 * f + 1 && new Set(recent).size < f + 1) return 'refused';
      senders.value = f > 0 ? recent.slice(-2 * f) : [];
      return vectors.combine([Math.exp(-alpha * Math.sqrt(staleness))], [message]);
    };
  },
});

/** k of a message and the one before; nothing where both were computed at one model. */
function slopeOf({ vectors, message, origin }: Arrival, last: Last): number | undefined {
  const [moved] = vectors.stack([origin!]).distancesTo(vectors.fromHost(last.origin));
  const [changed] = vectors.stack([message]).distancesTo(vectors.fromHost(last.message));
  return moved === 0 ? undefined : changed / moved;
}
