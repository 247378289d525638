/** A column of metrics.csv. */
export interface Column {
  name: string;
  /** On the axis of a figure; default: the name in words. */
  title?: string;
  /** What it is counted in; none: plain numbers. */
  unit?: string;
  /** Whether it is a part of one, which is drawn and printed in percent. */
  fraction?: true;
  /** Which values are better, where some are. */
  better?: 'greater' | 'smaller';
}

/** A row of metrics.csv by column: one evaluation. What has no value, such as the accuracy without classes, is undefined. */
export type MetricsRow = Readonly<Record<string, number | undefined>>;

/** The columns of every mode; those of its own follow. */
export const commonColumns: readonly Column[] = [
  { name: 'update', title: 'updates' },
  { name: 'time', title: 'simulated time' },
  { name: 'epoch', title: 'epochs' },
  { name: 'train_loss', title: 'training loss', better: 'smaller' },
  { name: 'test_loss', better: 'smaller' },
  { name: 'test_accuracy', fraction: true, better: 'greater' },
];

/** The columns that tell how a run goes: the first that has values. */
export const resultColumns: readonly Column[] = ['test_accuracy', 'test_loss'].map((result) =>
  commonColumns.find(({ name }) => name === result)!,
);

/** How a run goes by one of its rows: the accuracy, or the loss where there are no classes. */
export function resultOf(row: MetricsRow): { column: Column; value: number | undefined } {
  const column = resultColumns.find(({ name }) => row[name] !== undefined) ?? resultColumns.at(-1)!;
  return { column, value: row[column.name] };
}
