import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDriverCalls } from '../../activities/order/driver-calls.js';
import { createOrderNotices } from '../../activities/order/order-notices.js';
import type { World, WorldSettings } from '../../activities/world.js';
import { createFrameBacklog } from '../../activities/stream/frame-backlog.js';
import { createHaltLatch, openKillFile } from '../../adapters/safety/kill-file.js';
import { type MemoryFault, openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { Books, LimitsRow } from '../../adapters/store/port.js';
import type { Quote } from '../../domain/market/index.js';
import type { HaltRequest } from '../../domain/safety/halt-request.js';
import {
  type EpochMs,
  epochMs,
  price,
  usd,
  wholeUnits,
  wholeUsd,
} from '../../domain/values/index.js';
import { BROKER_START_MS, ScriptedBroker } from './scripted-broker.js';

export const ACCOUNT = 'sim-test-1';
export const BOOT_EPOCH = 3;
/** Wall time begins far from market time: whoever compares the two is found out. */
const WALL_START_MS = Date.UTC(2026, 0, 5, 9);

const LIMITS: LimitsRow = {
  orderNotionalMax: wholeUsd(25_000),
  positionNotionalMax: wholeUsd(50_000),
  leverageHundredths: 100,
  dailyLossMax: wholeUsd(1_000),
  dailyLossBasisPointsMax: 500,
  drawdownBasisPointsMax: 500,
  losingStreakMax: 5,
  updatedAtWallMs: epochMs(0),
};

const SETTINGS: WorldSettings = {
  quoteAgeMsMax: 60_000,
  submitTimeoutMs: 5_000,
  confirmAfterMs: 1_000,
  pollIntervalMs: 10_000,
  turnGap: { msMax: 30_000, policy: 'alert' },
  resumeOnFileRemoval: true,
  protection: 'alert',
  cashToleranceMicros: 0,
  externalOrders: 'observe',
  limits: LIMITS,
  symbols: ['SPY', 'IBM'],
};

/** A world whose clocks a test moves, over books in memory and a broker that does as it is told. */
export interface TestWorld {
  readonly world: World;
  readonly books: Books;
  readonly broker: ScriptedBroker;
  readonly killFilePath: string;
  /** What the next transactions suffer, the first of all first. */
  readonly faults: (MemoryFault | null)[];
  /** What was asked of the drivers. */
  readonly driven: string[];
  /** Workflow ids that Temporal shows as running. */
  readonly runningDrivers: Set<string>;
  readonly halts: HaltRequest[];
  readonly logged: string[];
  /** Moves wall time; sleeping moves it, too. */
  advanceWall(ms: number): void;
  wallNowMs(): EpochMs;
  advanceMarket(ms: number): void;
  loseLease(): void;
  /** From now on decisions up to this market instant are void, and nothing is sent until `over`. */
  stall(): { readonly over: () => void };
  /** Runs at a named place of the code. */
  at(point: string, action: () => void): void;
  permit: World['submitPermit'];
}

/** Opens a running system: account, limits, instruments, a live stream, a quote of SPY. */
export async function openTestWorld(settings: Partial<WorldSettings> = {}): Promise<TestWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-world-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const killFilePath = join(folder, 'KILL_SWITCH');
  const faults: (MemoryFault | null)[] = [];
  const books = openMemoryBooks({ nextFault: () => faults.shift() ?? null });
  const test = assemble(books, { faults, killFilePath, settings: { ...SETTINGS, ...settings } });
  await fillBooks(test.world);
  test.world.quotes.put(quoteOf('SPY', BROKER_START_MS));
  return test;
}

/** SPY at 145.00 to 145.10. */
export function quoteOf(symbol: string, atMs: number): Quote {
  return {
    symbol,
    atMs: epochMs(atMs),
    bidPrice: price(145_000_000_000),
    bidSize: wholeUnits(100),
    askPrice: price(145_100_000_000),
    askSize: wholeUnits(100),
  };
}

interface Parts {
  readonly faults: (MemoryFault | null)[];
  readonly killFilePath: string;
  readonly settings: WorldSettings;
}

function assemble(books: Books, { faults, killFilePath, settings }: Parts): TestWorld {
  const broker = new ScriptedBroker();
  const clocks = openClocks();
  const actions = new Map<string, () => void>();
  const records = {
    driven: [] as string[],
    runningDrivers: new Set<string>(),
    halts: [] as HaltRequest[],
    logged: [] as string[],
  };
  let isLeaseHeld = true;
  let stalled = { voidThroughMs: epochMs(0), isOver: true };
  const test: TestWorld = {
    ...records,
    books,
    broker,
    killFilePath,
    faults,
    advanceWall: clocks.advanceWall,
    wallNowMs: clocks.wallClock.nowMs,
    advanceMarket: clocks.advanceMarket,
    loseLease: () => {
      isLeaseHeld = false;
    },
    stall: () => {
      stalled = { voidThroughMs: clocks.marketClock.nowMs(), isOver: false };
      return { over: () => (stalled = { ...stalled, isOver: true }) };
    },
    at: (point, action) => {
      actions.set(point, action);
    },
    permit: () => ({ granted: true }),
    world: {
      account: ACCOUNT,
      mode: 'simulated',
      bootEpoch: BOOT_EPOCH,
      startedAtWallMs: clocks.wallClock.nowMs(),
      books,
      reader: books.reader(ACCOUNT),
      broker,
      ...marketOf(),
      wallClock: clocks.wallClock,
      marketClock: clocks.marketClock,
      killFile: openKillFile(killFilePath),
      haltLatch: createHaltLatch(),
      isLeaseHeld: () => isLeaseHeld,
      stall: {
        objection: () => (stalled.isOver ? null : 'the process stood still'),
        voidThroughMs: () => stalled.voidThroughMs,
        beat: () => null,
        recovered: () => (stalled = { ...stalled, isOver: true }),
      },
      submitPermit: () => test.permit(),
      closing: new AbortController().signal,
      notices: createOrderNotices(),
      driverCalls: createDriverCalls(),
      frames: createFrameBacklog(),
      drivers: driversThat(records),
      database: {
        prepare: async () => 'migrated',
        backUp: async () => 'backed up',
        health: async () => ({ isHealthy: true, message: 'well' }),
      },
      log: logThat(records),
      settings,
      crashPoint: (name) => actions.get(name)?.(),
    },
  };
  return test;
}

type Clocks = Pick<World, 'wallClock' | 'marketClock'> &
  Pick<TestWorld, 'advanceWall' | 'advanceMarket'>;

function openClocks(): Clocks {
  let wallMs = WALL_START_MS;
  let marketMs = BROKER_START_MS;
  return {
    advanceWall: (ms) => {
      wallMs += ms;
    },
    advanceMarket: (ms) => {
      marketMs += ms;
    },
    wallClock: {
      nowMs: () => epochMs(wallMs),
      monotonicMs: () => wallMs - WALL_START_MS,
      sleep: async (ms) => {
        wallMs += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    marketClock: {
      nowMs: () => epochMs(marketMs),
      observe: (atMs) => {
        marketMs = Math.max(marketMs, atMs);
      },
    },
  };
}

function marketOf(): Pick<World, 'quotes' | 'marketData' | 'pace'> {
  const quotes = new Map<string, Quote>();
  const unused = async (): Promise<never> => {
    throw new Error('expected no market steps in this test');
  };
  return {
    quotes: {
      quote: (symbol) => quotes.get(symbol) ?? null,
      put: (quote) => void quotes.set(quote.symbol, quote),
    },
    marketData: { latestQuotes: async () => new Map(), minuteBars: async () => [] },
    pace: { current: unused, advance: unused, close: async () => undefined },
  };
}

function driversThat(
  records: Pick<TestWorld, 'driven' | 'runningDrivers' | 'halts'>,
): World['drivers'] {
  return {
    startOrder: async ({ intent }) => void records.driven.push(`start ${intent.clientOrderId}`),
    signalOrder: async ({ clientOrderId }) => {
      records.driven.push(`signal ${clientOrderId}`);
      return 'delivered';
    },
    startTurn: async ({ turnId }) => void records.driven.push(`start ${turnId}`),
    signalTurn: async (turnId) => {
      records.driven.push(`signal ${turnId}`);
      return 'delivered';
    },
    signalHalt: async (request) => void records.halts.push(request),
    requestReconciliation: async (trigger) => void records.driven.push(`reconcile ${trigger}`),
    running: async () => records.runningDrivers,
    ensureEntities: async () => void records.driven.push('entities'),
    pauseSchedules: async () => void records.driven.push('pause'),
  };
}

function logThat(records: Pick<TestWorld, 'logged'>): World['log'] {
  const line = (_fields: unknown, message: string): void => void records.logged.push(message);
  return { info: line, warn: line, error: line };
}

/** Opens the account of an empty store as a running system: limits, a live stream, instruments. */
export async function fillBooks(world: World): Promise<void> {
  const nowMs = world.wallClock.nowMs();
  await world.books.openAccount({
    account: ACCOUNT,
    mode: 'simulated',
    brokerAccountNumber: 'PA0001',
    openingCash: usd(100_000_000_000),
    createdAtMs: world.marketClock.nowMs(),
  });
  await world.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.putLimits(LIMITS);
    await transaction.systemState.set({
      state: 'running',
      bootEpoch: BOOT_EPOCH,
      message: 'trading',
      updatedAtWallMs: nowMs,
    });
    await transaction.streamState.set({
      streamEpoch: 1,
      bootEpoch: BOOT_EPOCH,
      status: 'live',
      repairedThroughMs: world.marketClock.nowMs(),
      message: 'live',
      updatedAtWallMs: nowMs,
    });
    for (const symbol of ['SPY', 'IBM']) {
      await transaction.instruments.upsert({
        symbol,
        assetId: `asset-${symbol}`,
        name: symbol,
        exchange: 'ARCA',
        tradable: true,
        shortable: true,
        fractionable: true,
        parkedReason: null,
        updatedAtWallMs: nowMs,
      });
    }
  });
}
