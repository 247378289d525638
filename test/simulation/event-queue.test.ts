import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from '../../src/simulation/event-queue.js';

test('events leave by time, and those of equal time in the order they came', () => {
  const log: string[] = [];
  const queue = new EventQueue<string>();
  queue.push(2, 'b');
  queue.push(1, 'a');
  queue.push(2, 'c');
  queue.push(0.5, 'first');
  queue.push(2, 'd');
  while (queue.size > 0) {
    const { time, event } = queue.pop();
    log.push(`${time} ${event}`);
  }
  expect(log).toEqual(['0.5 first', '1 a', '2 b', '2 c', '2 d']);
});

test('interleaved pushes and pops agree with a stable sort', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 })), (steps) => {
      const queue = new EventQueue<number>();
      const model: { time: number; event: number }[] = [];
      steps.forEach((time, event) => {
        if (time !== null) {
          queue.push(time, event);
          model.push({ time, event });
        } else if (model.length > 0) {
          model.sort((a, b) => a.time - b.time || a.event - b.event);
          expect(queue.pop()).toMatchObject(model.shift()!);
        }
      });
    }),
  );
});
