import { join } from 'node:path';
import { type DeniedWish, recordDeniedWish } from '../activities/order/deny-wish.js';
import { openPrismaBooks } from '../adapters/store/prisma/index.js';
import { openWallClock } from './clocks.js';
import { marketTimeOrLast } from './market-time.js';
import { readRunRecord } from './run-record.js';

/** Records a denied wish in the books, beside a running Ordinis: one audit line, one alert. */
export async function denyDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly denied: Omit<DeniedWish, 'attempt'>;
}): Promise<void> {
  const { dataDirectory, account, denied } = options;
  const books = await openPrismaBooks({ file: join(dataDirectory, 'ordinis.db') });
  const wallClock = openWallClock();
  const attempt = String(wallClock.nowMs());
  try {
    const marketMs = await marketTimeOrLast(readRunRecord(dataDirectory), books.reader(account));
    const clocks = { marketClock: { nowMs: () => marketMs }, wallClock };
    await books.transaction(account, (transaction) =>
      recordDeniedWish(transaction, clocks, { ...denied, attempt }),
    );
  } finally {
    await books.close();
  }
}
