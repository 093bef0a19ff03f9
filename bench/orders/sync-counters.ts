import { canCountSyncs, countSyncs } from './file-syncs.js';
import { driverShape, flyAlone } from './flights.js';
import type { Lane } from './lanes.js';
import type { BenchStack } from './stack.js';

/** Syncs of one order, by who makes them. */
export interface SyncsPerOrder {
  readonly books: number;
  readonly temporal: number;
}

const ORDERS = 10;

/** Counts under strace, which is slow: nothing else is measured meanwhile. */
export async function measureSyncs(
  stack: BenchStack,
  lane: Lane,
): Promise<SyncsPerOrder | { readonly unknown: string }> {
  if (!canCountSyncs()) return { unknown: 'no strace here; each commit of the books is one sync' };
  const own = await countSyncs(process.pid);
  const server = await countSyncs(stack.temporalPid());
  if (own === null || server === null) {
    await own?.stop();
    await server?.stop();
    return { unknown: 'strace may not attach here; each commit of the books is one sync' };
  }
  const shape = driverShape(stack.world.drivers.startOrder);
  for (let flown = 0; flown < ORDERS; flown += 1) await flyAlone(stack, shape, lane);
  await stack.statements.untilQuiet();
  const [books, temporal] = [await own.stop(), await server.stop()];
  return { books: books / ORDERS, temporal: temporal / ORDERS };
}
