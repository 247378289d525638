import { Command } from 'commander';
import { packageVersion } from '../base/version.js';
import { registerAggregate } from './commands/aggregate.js';
import { registerAttack } from './commands/attack.js';
import { registerBench } from './commands/bench.js';
import { registerCheck } from './commands/check.js';
import { registerClean } from './commands/clean.js';
import { registerCollect } from './commands/collect.js';
import { registerCompare } from './commands/compare.js';
import { registerData } from './commands/data.js';
import { registerDoctor } from './commands/doctor.js';
import { registerExport } from './commands/export.js';
import { fillHelp } from './help.js';
import { registerList } from './commands/list.js';
import { registerNew } from './commands/new.js';
import { acceptEitherWord } from './commands/places.js';
import { registerPlot } from './commands/plot.js';
import { registerReport } from './commands/report.js';
import { registerReproduce } from './commands/reproduce.js';
import { registerRobustness } from './commands/robustness.js';
import { registerRun } from './commands/run.js';
import { registerSchema } from './commands/schema.js';
import { registerSetup } from './commands/setup.js';
import { registerStatus } from './commands/status.js';
import { registerSweep } from './commands/sweep.js';
import { registerTask } from './commands/task.js';
import { registerTestRule } from './commands/test-rule.js';
import { registerValidate } from './commands/validate.js';

/** The command line. Commands load what they need when they run, so that help and mistakes answer at once. */
export function createProgram(): Command {
  const program = new Command('byzsim')
    .description(
      'Experiments in Byzantine-robust distributed learning: from a YAML file to accuracy curves in a CSV.',
    )
    .version(packageVersion())
    .configureHelp({ helpWidth: 80, minWidthToWrap: 30 })
    .configureOutput({ writeOut: (text) => process.stdout.write(fillHelp(text)) })
    .showHelpAfterError('(byzsim --help shows the commands)')
    .exitOverride();
  registerRun(program);
  registerSweep(program);
  registerStatus(program);
  registerCollect(program);
  registerTask(program);
  registerReproduce(program);
  registerPlot(program);
  registerCheck(program);
  registerCompare(program);
  registerReport(program);
  registerExport(program);
  registerValidate(program);
  registerList(program);
  registerSchema(program);
  registerData(program);
  registerClean(program);
  registerDoctor(program);
  registerSetup(program);
  registerAggregate(program);
  registerAttack(program);
  registerRobustness(program);
  registerNew(program);
  registerTestRule(program);
  registerBench(program);
  acceptEitherWord(program);
  return program;
}
