import '../temporal/workflow-globals.js';
import { runWithStore, type SeedJob } from './run-with-store.js';

// One of the processes that `simulate` forks: takes a seed, answers with its result, until its
// parent lets go of it.
process.on('message', (job) => {
  runWithStore(job as SeedJob).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
      process.exit(1);
    },
  );
});
