import { join } from 'node:path';
import { ulid } from 'ulid';
import { isBrokerFailure } from '../adapters/broker/errors.js';
import type { Broker } from '../adapters/broker/port.js';
import { createHaltLatch, openKillFile } from '../adapters/safety/kill-file.js';
import { openPrismaBooks, type PrismaBooks } from '../adapters/store/prisma/index.js';
import { targetsAtBroker } from '../activities/safety/cancel-for-halt.js';
import type { MarketClock, WallClock } from '../activities/world.js';
import { engageHalt, type HaltReport, type HaltWorld } from '../activities/safety/engage-halt.js';
import type { OpenOrderAtBroker } from '../domain/safety/exposure-raisers.js';
import type { CancelPolicy, HaltRequest } from '../domain/safety/halt-request.js';
import type { EpochMs } from '../domain/values/index.js';
import { brokerOfRun } from './broker-of-run.js';
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
  /** What may still raise exposure, one line each. Empty: nothing is known to. */
  readonly unresolved: readonly string[];
}

/** How long the broker is looked at after its orders were canceled. */
const LOOKS_MAX = 10;
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
  const broker = brokerOfRun(run, options.credentials ?? null);
  const books = await openBooksOrRefusal(dataDirectory);
  const wallClock = openWallClock();
  const isAtAlpaca = run?.account === account && run?.exchange === null;
  const time = marketTimeWithin(books.books, { wallClock, isMarketTheWall: isAtAlpaca });
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
    const policy = request.cancel;
    const unresolved = await lookUntilNone({ broker, policy, report, sleep: wallClock.sleep });
    return { ...report, unresolved };
  } finally {
    await books.close();
  }
}

interface Look {
  readonly broker: Broker;
  readonly policy: CancelPolicy;
  readonly report: HaltReport;
  readonly sleep: (ms: number) => Promise<void>;
}

async function lookUntilNone({ broker, policy, report, sleep }: Look): Promise<readonly string[]> {
  if (report.canceled === null && report.cancel !== 'done') {
    return [`the broker was not reached: ${report.cancel}`];
  }
  for (let look = 1; ; look += 1) {
    const left = await leftOrFailure(broker, policy);
    // What was asked stays asked: the report must not be lost with the look.
    if (left instanceof Error) return [`the broker could not be looked at again: ${left.message}`];
    if (left.length === 0 || look >= LOOKS_MAX) {
      return left.map(({ brokerOrderId, side, symbol }) => `${side} ${symbol} ${brokerOrderId}`);
    }
    await sleep(LOOK_PAUSE_MS);
  }
}

async function leftOrFailure(
  broker: Broker,
  policy: CancelPolicy,
): Promise<readonly OpenOrderAtBroker[] | Error> {
  try {
    // Also where nothing was to be canceled, what can raise exposure is named.
    return await targetsAtBroker({ broker }, policy === 'none' ? 'keep-protection' : policy);
  } catch (error) {
    if (isBrokerFailure(error)) return error;
    throw error;
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
