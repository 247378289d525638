import type { Saved, Stateful } from '../base/state.js';

/**
 * A priority queue of events by (time, sequence): events of equal time leave in the order they came. Events are plain
 * data, so that the queue can be saved.
 */
export class EventQueue<T> implements Stateful {
  private heap: Entry<T>[] = [];
  private sequence = 0;

  get size(): number {
    return this.heap.length;
  }

  /** Adds an event. `time` must not be NaN. */
  push(time: number, event: T): void {
    const { heap } = this;
    const entry = { time, sequence: this.sequence++, event };
    let hole = heap.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!before(entry, heap[parent])) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = entry;
  }

  /** Removes and returns the earliest event. The queue must not be empty. */
  pop(): { time: number; event: T } {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) {
      let hole = 0;
      for (;;) {
        let child = 2 * hole + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], last)) break;
        heap[hole] = heap[child];
        hole = child;
      }
      heap[hole] = last;
    }
    return first;
  }

  save(): Saved {
    const { heap, sequence } = this;
    return structuredClone({ heap, sequence });
  }

  load(saved: Saved): void {
    const { heap, sequence } = structuredClone(saved) as { heap: Entry<T>[]; sequence: number };
    this.heap = heap;
    this.sequence = sequence;
  }
}

interface Entry<T> extends Key {
  event: T;
}

interface Key {
  time: number;
  sequence: number;
}

function before(a: Key, b: Key): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
