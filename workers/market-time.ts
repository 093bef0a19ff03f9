import type { AccountRow, BooksReader } from '../adapters/store/port.js';
import { assert, type EpochMs, epochMs } from '../domain/values/index.js';
import { isBrokerFailure } from '../adapters/broker/errors.js';
import type { RunRecord } from './run-record.js';

/** Market time of a run: our exchange keeps one of its own, at Alpaca the wall is the market. */
export async function marketTimeOf(run: RunRecord): Promise<EpochMs> {
  if (run.exchange === null) return epochMs(Date.now());
  // Loads the broker's SDK, which a look at the books alone must not wait for.
  const { brokerOfAccount } = await import('./broker-of-account.js');
  const { account } = run;
  return (await brokerOfAccount({ account, run, credentials: null }).clock()).atMs;
}

/**
 * The market time to keep a record under that must be kept in any case: the run's, or the last one
 * that the books know where nobody can tell it now.
 */
export async function marketTimeOrLast(
  run: RunRecord | null,
  books: BooksReader,
): Promise<EpochMs> {
  const account = await books.account();
  assert(account !== null, 'expected the account in the books');
  try {
    if (run?.account === account.account) return await marketTimeOf(run);
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
  }
  return lastMarketTime(books, account);
}

/** The last market time that the books of an account know. */
export async function lastMarketTime(
  { alerts }: Pick<BooksReader, 'alerts'>,
  { createdAtMs }: Pick<AccountRow, 'createdAtMs'>,
): Promise<EpochMs> {
  const [latest] = await alerts.recent(1);
  return latest?.atMs ?? createdAtMs;
}
