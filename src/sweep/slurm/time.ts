/** What a limit of time may be, in the words of sbatch. */
export const timeFormats =
  'minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds, or UNLIMITED';

/** Whether sbatch takes the text as a limit of time. Source: sbatch(1), --time; -1 and INFINITE say UNLIMITED too. */
export function isTimeLimit(text: string): boolean {
  return /^(\d+(:\d+){0,2}|\d+-\d+(:\d+){0,2}|unlimited|infinite|-1)$/i.test(text);
}
