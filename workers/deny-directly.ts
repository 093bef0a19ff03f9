import { join } from 'node:path';
import { type DeniedWish, recordDeniedWish } from '../activities/order/deny-wish.js';
import { openPrismaBooks } from '../adapters/store/prisma/index.js';
import { epochMs } from '../domain/values/index.js';

/** Records a denied wish in the books, beside a running Ordinis: one audit line, one alert. */
export async function denyDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly denied: Omit<DeniedWish, 'attempt'>;
}): Promise<void> {
  const { dataDirectory, account, denied } = options;
  const books = await openPrismaBooks({ file: join(dataDirectory, 'ordinis.db') });
  const nowAtMs = epochMs(Date.now());
  const clock = { nowMs: () => nowAtMs };
  const clocks = { marketClock: clock, wallClock: clock };
  try {
    await books.transaction(account, (transaction) =>
      recordDeniedWish(transaction, clocks, { ...denied, attempt: String(nowAtMs) }),
    );
  } finally {
    await books.close();
  }
}
