import { join } from 'node:path';
import {
  type UnparkAnswer,
  type UnparkRequest,
  unparkSymbol,
} from '../activities/reconciliation/unpark-symbol.js';
import { openPrismaBooks } from '../adapters/store/prisma/index.js';
import { openWallClock } from './clocks.js';
import { marketTimeOrLast } from './market-time.js';
import { readRunRecord } from './run-record.js';

export type { UnparkAnswer, UnparkRequest };

/** Lifts the park of a symbol in the books, beside a running Ordinis or without one. */
export async function unparkDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly request: UnparkRequest;
}): Promise<UnparkAnswer> {
  const { dataDirectory, account, request } = options;
  const books = await openPrismaBooks({ file: join(dataDirectory, 'ordinis.db') });
  try {
    const marketMs = await marketTimeOrLast(readRunRecord(dataDirectory), books.reader(account));
    const marketClock = { nowMs: () => marketMs, observe: () => undefined };
    const world = { account, books, wallClock: openWallClock(), marketClock };
    return await unparkSymbol(world, request);
  } finally {
    await books.close();
  }
}
