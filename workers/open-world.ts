import { join } from 'node:path';
import type { Database } from '../adapters/store/prisma/index.js';
import type { Lease } from '../adapters/store/lease.js';
import { createHaltLatch, openKillFile } from '../adapters/safety/kill-file.js';
import { createDriverCalls } from '../activities/order/driver-calls.js';
import { createOrderNotices } from '../activities/order/order-notices.js';
import { createStallGuard } from '../activities/safety/stall-guard.js';
import type { Drivers, Log, SendPermit, WallClock, World } from '../activities/world.js';
import { createFrameBacklog } from '../activities/stream/frame-backlog.js';
import { epochMs } from '../domain/values/index.js';
import type { BrokerConnection } from './broker-connection.js';
import { openQuoteBoard } from './clocks.js';
import { createCrashPoint } from './crash-point.js';
import { initialLimits } from './profiles.js';
import { BEAT_MS } from './stall-watch.js';
import type { StartOptions } from './start-options.js';

export interface WorldParts {
  readonly account: string;
  readonly mode: World['mode'];
  readonly options: StartOptions;
  readonly lease: Lease;
  readonly database: Database;
  readonly connection: BrokerConnection;
  readonly wallClock: WallClock;
  readonly log: Log;
  readonly drivers: Drivers;
  readonly closing: AbortSignal;
}

/**
 * How old a quote may be, in market time: two minutes at our exchange, whose quotes come by the
 * minute.
 */
const QUOTE_AGE_MS_SIMULATED = 120_000;
const QUOTE_AGE_MS = 15_000;
const SUBMIT_TIMEOUT_MS = 5_000;
/** Alpaca's positions lag its orders by up to ten seconds; our exchange's do not. */
const CONFIRM_AFTER_MS_SIMULATED = 1_000;
const CONFIRM_AFTER_MS = 15_000;
const POLL_INTERVAL_MS = 10_000;
/**
 * A market exit fills in seconds or not for a long time. One that works is the best protection
 * there is: it is left alone, and a person is told.
 */
const TURN_GAP = { msMax: 30_000, policy: 'alert' } as const;
/** Alpaca's cash carries fees and interest that arrive as activities of their own. */
const CASH_TOLERANCE_MICROS = 1_000_000;

/** Puts together everything that activities reach of the outside, for one account. */
export function openWorld(parts: WorldParts): World {
  const { account, mode, options, lease, database, connection } = parts;
  const isSimulated = mode === 'simulated';
  const startedAtWallMs = parts.wallClock.nowMs();
  return {
    account,
    mode,
    bootEpoch: lease.bootEpoch,
    startedAtWallMs,
    books: database.books,
    reader: database.books.reader(account),
    broker: connection.broker,
    marketData: connection.marketData,
    pace: connection.pace,
    quotes: openQuoteBoard(),
    wallClock: parts.wallClock,
    marketClock: connection.marketClock,
    killFile: openKillFile(join(options.dataDirectory, 'KILL_SWITCH')),
    haltLatch: createHaltLatch(),
    isLeaseHeld: () => lease.isHeld(),
    stall: createStallGuard({
      wallClock: parts.wallClock,
      marketClock: connection.marketClock,
      everyMs: BEAT_MS,
      gapMsMax: options.stallMsMax,
    }),
    submitPermit: () => submitPermit(connection),
    closing: parts.closing,
    notices: createOrderNotices(),
    driverCalls: createDriverCalls(),
    frames: createFrameBacklog(),
    drivers: parts.drivers,
    database: {
      prepare: async () => describeOpened(database),
      backUp: async () => {
        const report = await database.backup(epochMs(Date.now()));
        return report.file;
      },
      health: async () => {
        const { status, message } = await database.health();
        return { isHealthy: status !== 'down', message };
      },
    },
    log: parts.log,
    crashPoint: createCrashPoint(options.crash),
    settings: {
      quoteAgeMsMax: isSimulated ? QUOTE_AGE_MS_SIMULATED : QUOTE_AGE_MS,
      submitTimeoutMs: SUBMIT_TIMEOUT_MS,
      confirmAfterMs: isSimulated ? CONFIRM_AFTER_MS_SIMULATED : CONFIRM_AFTER_MS,
      pollIntervalMs: POLL_INTERVAL_MS,
      turnGap: TURN_GAP,
      resumeOnFileRemoval: isSimulated,
      protection: options.protection,
      cashToleranceMicros: isSimulated ? 0 : CASH_TOLERANCE_MICROS,
      externalOrders: options.externalOrders,
      limits: { ...initialLimits(mode), updatedAtWallMs: startedAtWallMs },
      symbols: options.symbols,
    },
  };
}

function submitPermit({ broker }: BrokerConnection): SendPermit {
  const ready = broker.prepareSubmit();
  if (ready.ok) return { granted: true };
  const { reason, retryAfterMs } = ready;
  return { granted: false, reason: reason.replace('_', ' '), retryAfterMs };
}

/** Opening has checked the file a moment ago, and would have refused one that is not sound. */
function describeOpened({ opened: { migrated, backup } }: Database): string {
  const changes = migrated.length === 0 ? 'no migration' : `migrated ${migrated.join(', ')}`;
  return backup === null ? `sound, ${changes}` : `sound, ${changes}, backup ${backup.file}`;
}
