import { sections, type ProfileReport, type Span } from '../compute/profile.js';
import { numberTable } from '../base/table.js';

const labels: Record<keyof ProfileReport['main_thread'], string> = {
  aggregation: 'aggregation',
  attack: 'messages of the attack',
  messages: "workers' messages",
  server: 'server steps',
  drawing: 'drawing batches and arrivals',
  submission: 'submitting jobs',
  gradients: 'gradients',
  evaluations: 'chunks of evaluations',
  waiting: 'waiting for gradients and evaluations',
  other: 'other',
};
const order = [...sections, 'gradients', 'evaluations', 'waiting', 'other'] as const;

/**
 * Tables of what the main thread did, and what compute threads did.
 * @param steps how many the run made, and what its mode calls one
 */
export function describeProfile(report: ProfileReport, steps: { count: number; unit: string }): string {
  const { wall_seconds, cpu_seconds, peak_memory_bytes, main_thread, compute_threads } = report;
  const memory = (peak_memory_bytes / 2 ** 20).toFixed(0);
  const each = `${((1000 * wall_seconds) / steps.count).toFixed(1)} ms ${steps.unit === 'update' ? 'an' : 'a'} ${steps.unit}`;
  const spans = order.filter((name) => main_thread[name].seconds > 0);
  const main = [
    header('main thread'),
    ...spans.map((name) => line(labels[name], main_thread[name], wall_seconds)),
  ];
  return [
    `${wall_seconds.toFixed(2)} s, ${each}, ${cpu_seconds.toFixed(2)} s of CPU, peak memory ${memory} MiB\n\n`,
    numberTable(main),
    ...(compute_threads.count > 0 ? ['\n', describeThreads(report)] : []),
  ].join('');
}

function describeThreads({ wall_seconds, compute_threads }: ProfileReport): string {
  const { count, gradients, evaluations } = compute_threads;
  const available = count * wall_seconds;
  const idle = { seconds: available - gradients.seconds - evaluations.seconds };
  return numberTable([
    header(`${count} compute threads`),
    line(labels.gradients, gradients, available),
    line(labels.evaluations, evaluations, available),
    line('idle', idle, available),
  ]);
}

function header(title: string): string[] {
  return [title, 'seconds', 'share', 'times', 'ms each'];
}

function line(label: string, span: Span | { seconds: number }, available: number): string[] {
  const share = `${((100 * span.seconds) / available).toFixed(1)} %`;
  const count = 'count' in span ? span.count : 0;
  const each = count > 0 ? [String(count), ((1000 * span.seconds) / count).toFixed(3)] : ['', ''];
  return [label, span.seconds.toFixed(2), share, ...each];
}
