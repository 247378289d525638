import type { Command } from 'commander';

/** `byzsim attack`. */
export function registerAttack(program: Command): void {
  program
    .command('attack')
    .description(
      'make Byzantine vectors: JSON requests on stdin, one a line, each answered with a line of JSON',
    )
    .addHelpText(
      'after',
      `
A request is one line:
  {"attack": "sign-flip", "honest": [[1, 2], [3, 4]]}
  {"attack": {"attack": "little", "factor": 1.5}, "honest": [[1, 2], [3, 4]]}
  {"attack": "little", "honest": [[1], [3]], "weights": [3, 1], "byzantine": 2}

attack           as in a config; sign-flip is minus the honest mean, and who behaves sends that mean
honest           the honest vectors, one a worker
weights          one an honest vector, default 1 each
byzantine        f, how many workers attack, default 1
byzantineWeight  their total weight, default f
update           steps that the server has made, which sleeper and burst go by, default 0
aggregator       as in a config: the rule that optimal-little and optimal-empire search against
lambda           default: byzantine / number of all workers

Arithmetic is float64. A request that cannot be answered prints null, and why on stderr; the exit status is then 2.`,
    )
    .action(async () => {
      const { answerRequests } = await import('../requests/requests.js');
      const { attack } = await import('../requests/attack.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      const { withOwnModules } = await import('../../library/own-modules.js');
      process.exitCode = await answerRequests(async (given) => {
        const { request, catalogue } = await withOwnModules(given, builtins);
        return attack(request, catalogue);
      });
    });
}
