/** How much of anything a user may ask for, where the bound is not that of a single parameter. */

/** Seeds of one config. */
export const maxSeeds = 1000;
/** A day of the fastest runs, and weeks of others. */
export const maxUpdates = 1_000_000_000;
/** Rows of metrics.csv: more than any figure shows, and few enough to be read again. */
export const maxEvaluations = 1_000_000;
/** Changes of the learning rate: ten times as many as any schedule of steps has. */
export const maxMilestones = 100;
/** Meta-aggregators around a rule: five times as many as any paper has put around one. */
export const maxChain = 10;
/** d of a model. A vector of as many float32 is all that the memory of the kernels could address. */
export const maxParameters = 1_000_000_000;
/** Bytes of all messages: more than any GPU holds. */
export const maxMessages = 512e9;
/** Tests under `thresholds`: more than a table of results has cells. */
export const maxThresholds = 1000;

/** Values that the command line gives a key: `range(0,10000)`. */
export const maxValues = 10_000;
/** Combinations of a sweep's axes: more than anyone waits for, and few enough to be listed. */
export const maxCombinations = 10_000;
/** Entries of `include` or `exclude`, each of which is held against every combination. */
export const maxEntries = 1000;
/** Runs of a sweep. Each is a folder, and a line of the study's table, which is written anew after each. */
export const maxRuns = 100_000;
