import type { Compute } from './compute.js';
import type { Job, JobResult, Runner } from './job.js';
import type { Vectors } from './vectors/vectors.js';

/** What keeps the main thread from everything else, besides jobs that it does itself. */
export const sections = ['aggregation', 'attack', 'messages', 'server', 'drawing', 'submission'] as const;
export type Section = (typeof sections)[number];

/** Time spent on something, and how often. */
export interface Span {
  seconds: number;
  count: number;
}

/** Where the time of one run went. */
export interface ProfileReport {
  wall_seconds: number;
  /** Of all threads of the process. */
  cpu_seconds: number;
  /** Resident memory of the process at its largest, whenever that was. */
  peak_memory_bytes: number;
  /** Adds up to the wall time. `waiting`: for gradients and evaluations under way in other threads. */
  main_thread: Record<Section, Span> & Jobs & Record<'waiting' | 'other', { seconds: number }>;
  /** What compute threads did, summed over them. */
  compute_threads: { count: number } & Jobs;
}

/** Jobs of one thread or several. An evaluation is one chunk of the test inputs. */
export interface Jobs {
  gradients: Span;
  evaluations: Span;
}

/**
 * Measures one run from outside: what it wraps does what it did before, and the run knows nothing of it. Sections are
 * synchronous, so what a device does after a call has returned counts where its result is awaited.
 */
export class Profile {
  private readonly spans = new Map<Section, Span>(sections.map((name) => [name, { seconds: 0, count: 0 }]));
  private readonly threads: LaneMeter[] = [];
  private readonly here: LaneMeter[] = [];
  private inSection = false;
  private measured = 0;
  private started = { wall: 0, cpu: process.cpuUsage(), loop: performance.eventLoopUtilization() };

  /** Everything from here on counts. */
  start(): void {
    this.started = {
      wall: performance.now(),
      cpu: process.cpuUsage(),
      loop: performance.eventLoopUtilization(),
    };
  }

  /** Runs `body` and counts its time. Of sections within sections the outer one counts. */
  time<T>(section: Section, body: () => T): T {
    if (this.inSection) return body();
    const start = performance.now();
    this.inSection = true;
    try {
      return body();
    } finally {
      this.inSection = false;
      const milliseconds = performance.now() - start;
      this.measured += milliseconds;
      const span = this.spans.get(section)!;
      span.seconds += milliseconds / 1000;
      span.count++;
    }
  }

  /** Memory of a meter for a lane in another thread. */
  threadMeter(): SharedArrayBuffer {
    const meter = new LaneMeter();
    this.threads.push(meter);
    return meter.buffer;
  }

  /** A runner in this thread, its jobs metered. They may let sections run before they are done, which do not count. */
  metered(runner: Runner): Runner {
    const meter = new LaneMeter();
    this.here.push(meter);
    return metered(runner, meter, () => performance.now() - this.measured);
  }

  /** Where the time since `start` went. */
  report(): ProfileReport {
    const wall = (performance.now() - this.started.wall) / 1000;
    const { user, system } = process.cpuUsage(this.started.cpu);
    const waiting = performance.eventLoopUtilization(this.started.loop).idle / 1000;
    const spans = { ...(Object.fromEntries(this.spans) as Record<Section, Span>), ...jobs(this.here) };
    const known = total(Object.values(spans)).seconds + waiting;
    return {
      wall_seconds: wall,
      cpu_seconds: (user + system) / 1e6,
      peak_memory_bytes: 1024 * process.resourceUsage().maxRSS,
      main_thread: { ...spans, waiting: { seconds: waiting }, other: { seconds: wall - known } },
      compute_threads: { count: this.threads.length, ...jobs(this.threads) },
    };
  }
}

function jobs(meters: readonly LaneMeter[]): Jobs {
  return {
    gradients: total(meters.map((meter) => meter.read('gradient'))),
    evaluations: total(meters.map((meter) => meter.read('evaluation'))),
  };
}

function total(spans: readonly Span[]): Span {
  return spans.reduce((a, b) => ({ seconds: a.seconds + b.seconds, count: a.count + b.count }), {
    seconds: 0,
    count: 0,
  });
}

const slots: Record<Job['kind'], number> = { gradient: 0, evaluation: 2 };

/** Busy milliseconds and jobs of one lane, by kind, in shared memory: the lane's thread writes, a profile reads. */
export class LaneMeter {
  private readonly numbers: Float64Array;

  constructor(readonly buffer = new SharedArrayBuffer(4 * Float64Array.BYTES_PER_ELEMENT)) {
    this.numbers = new Float64Array(buffer);
  }

  add(kind: Job['kind'], milliseconds: number): void {
    this.numbers[slots[kind]] += milliseconds;
    this.numbers[slots[kind] + 1]++;
  }

  read(kind: Job['kind']): Span {
    return { seconds: this.numbers[slots[kind]] / 1000, count: this.numbers[slots[kind] + 1] };
  }
}

/** The runner, its jobs metered. `clock`: milliseconds. */
export function metered(
  runner: Runner,
  meter: LaneMeter,
  clock: () => number = () => performance.now(),
): Runner {
  return {
    async run<J extends Job>(job: J): Promise<JobResult<J>> {
      const start = clock();
      const result = await runner.run(job);
      meter.add(job.kind, clock() - start);
      return result;
    },
    close: () => runner.close(),
  };
}

/** The compute, its work in the main thread measured: submitting jobs, and combining messages. */
export function profiledCompute(compute: Compute, profile: Profile): Compute {
  return {
    description: compute.description,
    vectors: profiledVectors(compute.vectors, profile),
    gradient: (...job) => profile.time('submission', () => compute.gradient(...job)),
    evaluate: (...job) => profile.time('submission', () => compute.evaluate(...job)),
    close: () => compute.close(),
  };
}

/** What rules, attacks and the server do with vectors lies within their own sections. */
function profiledVectors(vectors: Vectors, profile: Profile): Vectors {
  return {
    dimension: vectors.dimension,
    fromHost: (values) => vectors.fromHost(values),
    toHost: (vector) => vectors.toHost(vector),
    combine: (coefficients, rows) => profile.time('messages', () => vectors.combine(coefficients, rows)),
    stack: (rows) => vectors.stack(rows),
    successive: () => vectors.successive(),
    isFinite: (vector) => profile.time('messages', () => vectors.isFinite(vector)),
    scope: (body) => vectors.scope(body),
    release: (vector) => vectors.release(vector),
    rest: (vector) => profile.time('messages', () => vectors.rest(vector)),
  };
}
