import { expect, test } from 'vitest';
import type { AttackDefinition } from '../../src/attacks/attack.js';
import { scheduledKeys } from '../../src/attacks/attack.js';
import { guardAttack } from '../../src/modules/attacks.js';

const own = { name: 'mine', summary: 'mine', parameters: { ...scheduledKeys } };

test('a schedule says yes or no', () => {
  const at = (answer: (update: number) => unknown) => {
    const definition = { ...own, kind: 'scheduled', create: () => answer } as unknown as AttackDefinition;
    const guarded = guardAttack(definition, '/mine.js');
    if (guarded.kind !== 'scheduled') throw new TypeError('of another kind');
    return guarded.create({});
  };
  expect([4, 5].map(at((update) => update >= 5))).toEqual([false, true]);
  expect(() => at((update) => update % 2)(3)).toThrow(/the schedule returned 1 \(expected true or false\)$/);
  expect(() => at(3 as never)).toThrow(/create returned 3 \(expected a function\)$/);
});

test('a staleness is a number of updates', () => {
  const guarded = (staleness: unknown) =>
    guardAttack(
      { ...own, kind: 'estimator', labels: 'true', sign: 1, staleness: () => staleness } as AttackDefinition,
      '/mine.js',
    );
  const stalenessOf = (definition: AttackDefinition) =>
    definition.kind === 'estimator' ? definition.staleness?.({}) : undefined;
  expect(stalenessOf(guarded(7))).toBe(7);
  for (const wrong of [1.5, -1, '7', undefined])
    expect(() => stalenessOf(guarded(wrong))).toThrow(/\(expected an integer >= 0: how many updates\)$/);
});
