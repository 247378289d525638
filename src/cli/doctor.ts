import { styleText } from 'node:util';
import { probed, type EngineReport } from '../doctor/engines.js';
import { examine, type Examination } from '../doctor/examine.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { GpuReport } from '../compute/gpu.js';
import { createReporter } from './reporter.js';

/** Examines this machine and prints what it found. Exit status: 0 when an engine loads, else 2. */
export async function doctor(
  { json }: { json?: boolean },
  { datasets }: Pick<Catalogue, 'datasets'>,
): Promise<number> {
  const reporter = await createReporter(json ?? !process.stderr.isTTY);
  const examination = await examine(datasets, (what) => reporter.note(`trying ${what}`));
  const paint: Paint = process.stdout.isTTY && !process.env.NO_COLOR ? styleText : (_, text) => text;
  process.stdout.write(
    json ? `${JSON.stringify(examination, undefined, 2)}\n` : describeExamination(examination, paint),
  );
  return examination.engines.some(({ loads }) => loads) ? 0 : 2;
}

type Paint = (style: 'green' | 'red' | 'bold', text: string) => string;

const width = 80;

/** The text of an examination, in lines of up to 80 columns. */
export function describeExamination(
  { machine, node, threads, gpu, engines, auto, data }: Examination,
  paint: Paint = (_, text) => text,
): string {
  const { cpu, cores, memory_bytes, platform, byzsim, load } = machine;
  const memory = `${Math.round(memory_bytes / 2 ** 30)} GiB`;
  const facts: [string, string][] = [
    ['byzsim', byzsim],
    [
      'node',
      `${node.version}, ${node.supported ? 'supported' : `not supported: byzsim needs ${node.needed}`}`,
    ],
    ['machine', `${cpu}, ${count(cores, 'core')}, ${memory}, ${platform}, load ${load.toFixed(1)}`],
    ['threads', `${threads} in a run, unless --threads says otherwise`],
    ['gpu', describeGpu(gpu)],
  ];
  const places = data.map((folder): [string, string] => [folder.name, describeData(folder)]);
  const { shape, batch } = probed;
  const least = 9;
  const beside = Math.max(least, ...places.map(([name]) => name.length + 2));
  return [
    ...facts.map(([name, text]) => entry(name, least, text)),
    '',
    paint('bold', `${'engine'.padEnd(12)}${'device'.padEnd(8)}${'gradient'.padStart(9)}  version`),
    ...engines.flatMap((report) => engineLines(report, paint)),
    '',
    entry(
      'auto',
      least,
      'problem' in auto ? auto.problem : `${auto.backend} on ${auto.device}: ${auto.reason}`,
    ),
    '',
    ...places.map(([name, text]) => entry(name, beside, text)),
    '',
    ...wrap(
      `The gradient is that of cnn-mnist on ${batch} images of ${shape[0]}x${shape[1]}: small, so that the slowest ` +
        'engine answers. byzsim bench engines measures real ones.',
    ),
    '',
  ].join('\n');
}

function engineLines(report: EngineReport, paint: Paint): string[] {
  const subject = `${report.engine.padEnd(12)}${report.device.padEnd(8)}`;
  if (report.loads)
    return [
      `${subject}${paint('green', `${milliseconds(report.gradient_ms)} ms`.padStart(9))}  ${report.version}`,
    ];
  return [
    `${subject}${paint('red', '-'.padStart(9))}`,
    ...wrap(`${report.problem}: ${report.remedy}`).map((line) => `    ${line}`),
  ];
}

/** Three significant digits. */
function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function describeGpu(gpu: GpuReport): string {
  if ('problem' in gpu) return `none: ${gpu.problem}`;
  const names = gpu.gpus.map(({ name, capability, memory_bytes }) =>
    [
      name,
      memory_bytes && `${Math.round(memory_bytes / 2 ** 30)} GiB`,
      capability && `compute capability ${capability}`,
    ]
      .filter(Boolean)
      .join(', '),
  );
  return `${names.join('; ')}; driver ${gpu.driver}`;
}

function describeData({ name, path, files, present, problems }: Examination['data'][number]): string {
  if (present === files) return path;
  if (name === 'digits') return `generated when first used, to ${path}`;
  if (problems.length > 0)
    return `damaged: ${problems.join('; ')}; delete it, byzsim data fetch ${name} gets it anew`;
  return `${present === 0 ? 'missing' : `${present} of ${files} files`}; byzsim data fetch ${name} puts it in ${path}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A name and a text beside it, wrapped. */
function entry(name: string, column: number, text: string): string {
  return wrap(text, width - column)
    .map((line, k) => `${(k === 0 ? name : '').padEnd(column)}${line}`)
    .join('\n');
}

/** Breaks a text at spaces. A word that is longer than a line stays whole. */
function wrap(text: string, columns = width - 4): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
