import { takeLock } from '../../../src/results/lock/lock.js';

/** Takes a lock and ends without letting go. */
takeLock(process.argv[2], 'the run');
