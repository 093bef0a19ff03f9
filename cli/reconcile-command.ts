import { printAnswer } from './answer.js';
import { existingDataDirectory, requireAliveRun } from './data-folder.js';
import { EXIT } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';

/** `ordinis reconcile`: compares books and broker now. Exit code 0 only when they agree. */
export async function reconcileCommand(shell: Shell, flags: CommonFlags): Promise<number> {
  const run = await requireAliveRun(shell, existingDataDirectory(shell, flags));
  const client = await (await shell.workers()).connectToRun(run);
  try {
    const result = await client.reconcile();
    const found =
      result.discrepancies === 1 ? '1 discrepancy' : `${result.discrepancies} discrepancies`;
    printAnswer(shell, flags, {
      lines: [`${result.outcome}: ${found}: ${result.message}`],
      json: result,
    });
    return result.outcome === 'clean' ? EXIT.fine : EXIT.failure;
  } finally {
    await client.close();
  }
}
