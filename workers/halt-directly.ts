import { join } from 'node:path';
import { ulid } from 'ulid';
import { isBrokerFailure } from '../adapters/broker/errors.js';
import type { Broker } from '../adapters/broker/port.js';
import { createHaltLatch, openKillFile } from '../adapters/safety/kill-file.js';
import { openPrismaBooks, type PrismaBooks } from '../adapters/store/prisma/index.js';
import { targetsAtBroker } from '../activities/safety/cancel-for-halt.js';
import type { MarketClock, WallClock } from '../activities/world.js';
import { engageHalt, type HaltReport, type HaltWorld } from '../activities/safety/engage-halt.js';
import type { CancelPolicy, HaltRequest } from '../domain/safety/halt-request.js';
import type { EpochMs } from '../domain/values/index.js';
import { isAtAlpaca } from './alpaca-account.js';
import { brokerOfAccount, runOfAccount } from './broker-of-account.js';
import { openWallClock } from './clocks.js';
import { lastMarketTime } from './market-time.js';
import { readRunRecord } from './run-record.js';
import type { BrokerCredentials } from './start-options.js';

export interface DirectHaltOptions {
  readonly dataDirectory: string;
  /** Null: the folder knows no account, and only the file can be written. */
  readonly account: string | null;
  readonly request: HaltRequest;
  /** For an account at Alpaca; a simulated run's keys are in its record. */
  readonly credentials?: BrokerCredentials | null;
}

export interface DirectHalt extends HaltReport {
  /** The account that the last run of the folder traded, where it is another: it is left alone. */
  readonly otherAccount: string | null;
  /** What may still raise exposure, one line each. Empty: nothing is known to. */
  readonly unresolved: readonly string[];
}

/** How often, and for how long, the broker is looked at after its orders were canceled. */
const LOOKS_MAX = 10;
const LOOKING_MS_MAX = 10_000;
const LOOK_PAUSE_MS = 300;

/**
 * Halts from outside of the running process: file, broker and books, each on its own, with Temporal
 * down, the database locked or the worker dead. It shares no connection with anything.
 */
export async function haltDirectly(options: DirectHaltOptions): Promise<DirectHalt> {
  const { dataDirectory, account, request } = options;
  const causeId = ulid();
  const killFile = openKillFile(join(dataDirectory, 'KILL_SWITCH'));
  const run = readRunRecord(dataDirectory);
  const search = { account, run, credentials: options.credentials ?? null };
  const broker = brokerOfAccount(search);
  const ownRun = runOfAccount(search);
  const books = await openBooksOrRefusal(dataDirectory);
  const wallClock = openWallClock();
  const isMarketTheWall = ownRun === null ? isAtAlpaca(account) : ownRun.exchange === null;
  const time = marketTimeWithin(books.books, { wallClock, isMarketTheWall });
  const world: HaltWorld = {
    account: account ?? 'unknown',
    books: time.books,
    broker,
    killFile,
    haltLatch: createHaltLatch(),
    wallClock,
    marketClock: time.marketClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  try {
    const report = await engageHalt(world, causeId, request);
    const looking = { broker, policy: request.cancel, report, wallClock };
    const unresolved = await lookUntilNone(looking);
    const otherAccount = ownRun === null ? (run?.account ?? null) : null;
    return { ...report, otherAccount, unresolved };
  } finally {
    await books.close();
  }
}

interface Looking {
  readonly broker: Broker;
  readonly policy: CancelPolicy;
  readonly report: HaltReport;
  readonly wallClock: WallClock;
}

async function lookUntilNone(looking: Looking): Promise<readonly string[]> {
  const { report, wallClock } = looking;
  if (report.canceled === null && report.cancel !== 'done') {
    return [`the broker was not reached: ${report.cancel}`];
  }
  const untilMs = wallClock.monotonicMs() + LOOKING_MS_MAX;
  for (let look = 1; ; look += 1) {
    const unresolved = await lookOnce(looking);
    const isLast = look >= LOOKS_MAX || wallClock.monotonicMs() >= untilMs;
    if (unresolved.length === 0 || isLast) return unresolved;
    await wallClock.sleep(LOOK_PAUSE_MS);
  }
}

/**
 * What was to go and is there; also where nothing was to be canceled, what can raise exposure. Not
 * knowing it takes nothing from what was canceled.
 */
async function lookOnce({ broker, policy }: Looking): Promise<readonly string[]> {
  try {
    const left = await targetsAtBroker({ broker }, policy === 'none' ? 'keep-protection' : policy);
    return left.map(({ brokerOrderId, side, symbol }) => `${side} ${symbol} ${brokerOrderId}`);
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    return [`the look after the cancel failed, so nobody knows what is left: ${error.message}`];
  }
}

type Transacting = Pick<PrismaBooks, 'transaction'>;

/**
 * The market time to write under, as the books themselves know it last: read in the transaction
 * that needs it, so that the halt waits for nothing more. At Alpaca the wall is the market.
 */
function marketTimeWithin(
  books: Transacting,
  { wallClock, isMarketTheWall }: { wallClock: WallClock; isMarketTheWall: boolean },
): { readonly books: Transacting; readonly marketClock: MarketClock } {
  let lastMs: EpochMs | null = null;
  const marketClock = { nowMs: () => lastMs ?? wallClock.nowMs(), observe: () => undefined };
  if (isMarketTheWall) return { books, marketClock };
  const transaction: Transacting['transaction'] = (account, write, options) =>
    books.transaction(
      account,
      async (opened) => {
        lastMs = await lastMarketTime(opened, opened.account.get());
        return write(opened);
      },
      options,
    );
  return { books: { transaction }, marketClock };
}

interface MaybeBooks {
  readonly books: Transacting;
  close(): Promise<void>;
}

async function openBooksOrRefusal(dataDirectory: string): Promise<MaybeBooks> {
  try {
    const books = await openPrismaBooks({ file: join(dataDirectory, 'ordinis.db') });
    return { books, close: () => books.close() };
  } catch (error) {
    // Whatever is wrong with the books, the halt goes on; its report says that it was not written
    // there.
    return {
      books: {
        transaction: () => {
          throw error;
        },
      },
      close: () => Promise.resolve(),
    };
  }
}
