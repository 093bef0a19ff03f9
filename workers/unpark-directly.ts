import { join } from 'node:path';
import {
  type UnparkAnswer,
  type UnparkRequest,
  unparkSymbol,
} from '../activities/reconciliation/unpark-symbol.js';
import { openPrismaBooks } from '../adapters/store/prisma/index.js';
import { epochMs } from '../domain/values/index.js';
import { openWallClock } from './clocks.js';

/** Lifts the park of a symbol in the books, beside a running Ordinis or without one. */
export async function unparkDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly request: UnparkRequest;
}): Promise<UnparkAnswer> {
  const { dataDirectory, account, request } = options;
  const books = await openPrismaBooks({ file: join(dataDirectory, 'ordinis.db') });
  const marketClock = { nowMs: () => epochMs(Date.now()), observe: () => undefined };
  try {
    const world = { account, books, wallClock: openWallClock(), marketClock };
    return await unparkSymbol(world, request);
  } finally {
    await books.close();
  }
}
