import { UserError } from '../base/errors.js';
import type { SweepFlags } from './sweep-flags.js';

type Launcher = NonNullable<SweepFlags['launcher']>;

/** Options of `byzsim sweep` that not every launcher has a use for, and those that have. */
const heeded: readonly [flag: keyof SweepFlags, option: string, by: readonly Launcher[]][] = [
  ['jobs', '--jobs', ['local']],
  ['check', '--check', ['local']],
  ['runsPerTask', '--runs-per-task', ['slurm', 'print']],
  ['limit', '--limit', ['slurm']],
  ['time', '--time', ['slurm']],
  ['partition', '--partition', ['slurm']],
  ['gres', '--gres', ['slurm']],
];

/** @throws UserError for an option that the launcher would do nothing with */
export function requireHeeded(flags: SweepFlags): void {
  const { launcher = 'local', json, dryRun } = flags;
  for (const [flag, option, by] of heeded)
    if (flags[flag] !== undefined && !by.includes(launcher)) throw unheeded(option, launcher, by);
  if (json && launcher === 'print' && !dryRun) throw unheeded('--json', launcher, ['local', 'slurm']);
}

function unheeded(option: string, launcher: Launcher, by: readonly Launcher[]): UserError {
  const others = by.map((one) => `--launcher ${one}`).join(' or ');
  return new UserError(
    `invalid ${option}: --launcher ${launcher} does nothing with it (it goes with ${others})`,
  );
}
