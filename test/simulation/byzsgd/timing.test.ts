import { describe, expect, test } from 'vitest';
import { StateTree } from '../../../src/base/state.js';
import type { FaultConfig } from '../../../src/simulation/byzsgd/config.js';
import { Faults } from '../../../src/simulation/byzsgd/faults.js';
import { Timing, type TimingSetting } from '../../../src/simulation/byzsgd/timing.js';

/** Two servers and three workers that wait for all but one worker; messages take 1, gradients 1. */
function timing(more: Partial<TimingSetting> = {}, faults: FaultConfig[] = []): Timing {
  return new Timing(
    {
      servers: 2,
      silentServers: 0,
      correct: 2,
      workers: 3,
      quorums: { models: { takes: 2, needs: 2 }, gradients: { takes: 2, needs: 2 } },
      delays: { scatter: () => 1, gradients: () => 1, gather: () => 1 },
      durations: () => [1, 1, 1],
      faults: new Faults(faults),
      ...more,
    },
    new StateTree(),
  );
}

const senders = (heard: readonly ({ from: number[] } | undefined)[]) => heard.map((each) => each?.from);

describe('faults', () => {
  test('a silent worker is not heard from its time on, until the time it is over', () => {
    // It would send at 2, 5, 8.
    const played = timing({}, [{ node: 'w1', silentFrom: 2, until: 8 }]);
    const heard = [1, 2, 3].map((step) => {
      played.scatter(step);
      return senders(played.gradients(step))[0];
    });
    expect(heard).toEqual([
      [1, 2],
      [1, 2],
      [0, 1],
    ]);
    expect(played.time).toBe(9);
    // 3 · 2 · 3 models, and the gradients of two or three workers.
    expect(played.messages).toBe(18 + 2 * (2 + 2 + 3));
  });

  test('a crashed worker sends nothing any more and takes no models', () => {
    const played = timing({}, [{ node: 'w2', crashAt: 2 }]);
    expect(senders(played.scatter(1))).toEqual([[0, 1], undefined, [0, 1]]);
    expect(senders(played.gradients(1))).toEqual([
      [0, 2],
      [0, 2],
    ]);
    expect(played.isUp('worker', 1)).toBe(false);
  });

  test('the sentence names the step, the node, the quorum and who is missing', () => {
    const played = timing({}, [
      { node: 'w1', crashAt: 0 },
      { node: 'w3', silentFrom: 0 },
    ]);
    played.scatter(1);
    expect(() => played.gradients(1)).toThrow(
      'quorum not met in step 1: s1 waits for 2 gradients of others and gets 1 (w1 has crashed, w3 is silent)',
    );
    const alone = timing({ silentServers: 1 });
    expect(() => alone.scatter(4)).toThrow(
      'quorum not met in step 4: w1 waits for 2 models of others and gets 1 (s2 is silent)',
    );
  });

  test('a run whose servers have all crashed ends', () => {
    const played = timing({}, [
      { node: 's1', crashAt: 3 },
      { node: 's2', crashAt: 3 },
    ]);
    played.scatter(1);
    expect(() => played.gradients(1)).toThrow(
      'no server left in step 1: all that are not Byzantine have crashed',
    );
  });
});

test('messages arrive in the order of time, then of ids, and fast nodes do not wait for slow ones', () => {
  const delays: Record<string, number> = { w3s1: 0, w1s2: 5, w2s2: 5, w3s2: 5 };
  const played = timing({
    delays: { scatter: () => 1, gradients: (from, to) => delays[from + to] ?? 1, gather: () => 1 },
  });
  played.scatter(1);
  const [first, second] = played.gradients(1);
  expect([first, second]).toEqual([
    { from: [0, 2], time: 3 },
    { from: [0, 1], time: 7 },
  ]);
  // s1 is done at 3, s2 at 7: workers have both at 8; the step ends with the last.
  expect(played.time).toBe(7);
  expect(played.scatter(2).map((each) => each!.time)).toEqual([8, 8, 8]);
});

test('what a synchronous network lacks is not waited for', () => {
  const all = { takes: 3, needs: 2 };
  const played = timing({ quorums: { models: { takes: 2, needs: 1 }, gradients: all } }, [
    { node: 'w1', silentFrom: 0 },
  ]);
  played.scatter(1);
  expect(senders(played.gradients(1))).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
