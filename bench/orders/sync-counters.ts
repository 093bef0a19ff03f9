import { canCountSyncs, countSyncs } from './file-syncs.js';
import { driverShape, flyAlone } from './flights.js';
import type { Lane } from './lanes.js';
import type { BenchStack } from './stack.js';

/** Syncs of one order, by who makes them. */
export interface SyncsPerOrder {
  readonly books: number;
  readonly temporal: number;
}

export type SyncsFound = SyncsPerOrder | { readonly unknown: string };

const ORDERS = 5;

/** Counts under strace, which is slow: nothing else is measured meanwhile. */
export async function measureSyncs(stack: BenchStack, lane: Lane): Promise<SyncsFound> {
  if (!canCountSyncs()) return { unknown: 'no strace here; each commit of the books is one sync' };
  const own = await countSyncs(process.pid);
  const server = await countSyncs(stack.temporalPid());
  if (own === null || server === null) {
    await own?.stop();
    await server?.stop();
    return { unknown: 'strace may not attach here; each commit of the books is one sync' };
  }
  const failure = await flySome(stack, lane);
  const [books, temporal] = [await own.stop(), await server.stop()];
  if (failure !== null) return { unknown: `too slow under strace: ${failure}` };
  return { books: books / ORDERS, temporal: temporal / ORDERS };
}

/**
 * Null, or why the orders did not all end. Under strace the server may miss its own deadlines, and
 * then says anything, such as that the namespace is not there.
 */
async function flySome(stack: BenchStack, lane: Lane): Promise<string | null> {
  const shape = driverShape(stack.world.drivers.startOrder);
  try {
    for (let flown = 0; flown < ORDERS; flown += 1) await flyAlone(stack, shape, lane);
    await stack.statements.untilQuiet();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
