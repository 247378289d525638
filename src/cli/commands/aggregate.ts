import type { Command } from 'commander';

/** `byzsim aggregate`. */
export function registerAggregate(program: Command): void {
  program
    .command('aggregate')
    .description('aggregate vectors: JSON requests on stdin, one a line, each answered with a line of JSON')
    .addHelpText(
      'after',
      `
A request is one line:
  {"aggregator": "cwmed", "vectors": [[1, 2], [3, 4], [5, 9]]}
  {"aggregator": "cwmed", "vectors": [[1], [3], [9]], "weights": [3, 1, 2]}
  {"aggregator": {"rule": "trimmed-mean", "f": 1}, "vectors": [[1], [3], [9]]}
  {"meta": [{"rule": "nnm"}], "vectors": [[1], [3], [9]], "byzantine": 1}

aggregator   as in a config; without one, the vectors that \`meta\` makes are printed
vectors      one a worker; a number that is not finite is written 1e999
weights      one a vector; if given, they count where the rules have weighted forms
byzantine    f, default 0
lambda       default: byzantine / number of vectors
permutation  order of the vectors, 0-based, for bucketing

Arithmetic is float64. A request that cannot be answered prints null, and why on stderr; the exit status is then 2.`,
    )
    .action(async () => {
      const { answerRequests } = await import('../requests/requests.js');
      const { aggregate } = await import('../requests/aggregate.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      const { withOwnModules } = await import('../../library/own-modules.js');
      process.exitCode = await answerRequests(async (given) => {
        const { request, catalogue } = await withOwnModules(given, builtins);
        return aggregate(request, catalogue);
      });
    });
}
