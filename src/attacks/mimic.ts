import { z } from 'zod';
import { meanOf } from '../aggregators/arithmetic.js';
import { defineAttack } from './attack.js';

/** Copies one honest message: no outlier, but one worker's data count too much. */
export const mimic = defineAttack({
  name: 'mimic',
  summary: "copy of one honest worker's message",
  source: 'Karimireddy et al., ICLR 2022',
  parameters: { worker: z.int().min(1).default(1).describe('1-based id of the honest worker') },
  check({ worker }, { workers, byzantine }) {
    const honest = workers - byzantine;
    return worker > honest ? `worker = ${worker} needs an honest id, 1 to ${honest}` : undefined;
  },
  kind: 'omniscient',
  create:
    ({ worker }) =>
    ({ honest }) =>
      // Fewer rows than honest workers: some have not started, or sent what is not finite.
      honest.combine(meanOf([Math.min(worker, honest.size) - 1], honest.size)),
});
