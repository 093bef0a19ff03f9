import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { acquireLease, type Lease } from '../../adapters/store/lease.js';
import { type Database, openDatabase } from '../../adapters/store/prisma/index.js';
import { openTradingDay } from '../../activities/session/trading-day.js';
import type { Drivers, World } from '../../activities/world.js';
import { epochMs, usd } from '../../domain/values/index.js';
import { connectBroker } from '../../workers/broker-connection.js';
import { openWallClock } from '../../workers/clocks.js';
import { openFileLog } from '../../workers/log.js';
import { openWorld } from '../../workers/open-world.js';
import { startOutboxDrainer } from '../../workers/outbox-drainer.js';
import { openStack } from '../../workers/resource-stack.js';
import { startStallWatch } from '../../workers/stall-watch.js';
import type { StartOptions } from '../../workers/start-options.js';
import { restoreDrivers, runStartup } from '../../workers/startup.js';
import { startTaskWorkers } from '../../workers/task-workers.js';
import { type EmbeddedTemporal, startEmbeddedTemporal } from '../../workers/temporal/index.js';
import { installTemporalRuntime } from '../../workers/temporal-runtime.js';
import { openTemporalDrivers } from '../../workers/temporal-drivers.js';
import { NAMESPACE, SEARCH_ATTRIBUTES } from '../../workflows/contract/index.js';
import { MARKET, openBenchExchange, type BenchExchange } from './exchange.js';
import { openStatementCounter, type StatementCounter } from './statement-counter.js';

/** Everything `ordinis start` brings up, without the session: nothing trades but the bench. */
export interface BenchStack {
  readonly world: World;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly exchange: BenchExchange;
  readonly statements: StatementCounter;
  readonly symbols: readonly string[];
  readonly dataDirectory: string;
  readonly temporalPid: () => number;
  /** Has something closed with the stack, if it was not closed before: `close` may come again. */
  adopt(name: string, close: () => Promise<void>): void;
  close(): Promise<void>;
}

export interface StackWish {
  readonly dataDirectory: string;
  readonly temporalBinary: string;
  readonly symbols: readonly string[];
  /** Where Temporal listens; the Web UI two above. */
  readonly temporalPort: number;
}

/** A port for this process and those that it starts, apart from those of people and tests. */
export function benchPort(): number {
  return 44_000 + (process.pid % 2_500) * 4;
}

/** Nothing here is about limits: the bench never runs into one. */
const BEYOND_REACH = usd(1_000_000_000_000_000);

/**
 * Brings up the stack in a folder of its own: lock, books, embedded Temporal, exchange, Workers,
 * outbox, startup workflow, an open trading day and fresh quotes. Left out is what runs by the
 * clock and not by the order: reconciliation, health, backups.
 */
export async function openBenchStack(wish: StackWish): Promise<BenchStack> {
  const stack = openStack();
  try {
    return await openOn(stack, wish);
  } catch (error) {
    await stack.closeAll();
    throw error;
  }
}

async function openOn(stack: ReturnType<typeof openStack>, wish: StackWish): Promise<BenchStack> {
  const { dataDirectory, symbols } = wish;
  const lease = takeLock(stack, dataDirectory);
  const log = openFileLog(dataDirectory);
  stack.add('log', () => log.close());
  installTemporalRuntime(log);
  const statements = openStatementCounter();
  const { temporal, exchange, database } = await openParts(stack, wish, statements);
  const connection = await NativeConnection.connect({
    address: temporal.address,
    grpcCompression: { codec: 'none' },
  });
  stack.add('connection', () => connection.close());
  const client = new Client({ connection, namespace: NAMESPACE });
  const world = await openBenchWorld(stack, { wish, lease, database, log, exchange, client });
  const drainer = startOutboxDrainer(world);
  stack.add('outbox', () => drainer.stop());
  const workers = await startTaskWorkers(connection, world);
  stack.add('workers', () => workers.shutdown());
  const stallWatch = startStallWatch(world);
  stack.add('stall watch', async () => stallWatch.stop());
  await runStartup(client, world, () => undefined);
  await workers.startDriving();
  const drivers = restoreDrivers(world);
  stack.add('drivers', () => drivers);
  await world.drivers.pauseSchedules();
  await openDay(world, symbols);
  return {
    world,
    client,
    connection,
    exchange,
    statements,
    symbols,
    dataDirectory,
    temporalPid: () => temporal.pid,
    adopt: (name, close) => stack.add(name, close),
    close: async () => {
      // The stream's activity ends with its stream; the Workers would wait for it otherwise.
      await exchange.process.stop();
      await stack.closeAll();
    },
  };
}

function openTemporal({ temporalBinary, dataDirectory, temporalPort }: StackWish) {
  return startEmbeddedTemporal({
    binary: temporalBinary,
    dataDirectory,
    preferredPort: temporalPort,
    preferredUiPort: temporalPort + 2,
    namespace: NAMESPACE,
    retentionDays: 30,
    searchAttributes: SEARCH_ATTRIBUTES,
    onLine: () => undefined,
  });
}

/** Has what is being opened closed with the stack, also when something beside it fails to open. */
async function adopted<Part>(
  stack: ReturnType<typeof openStack>,
  name: string,
  { opening, close }: { readonly opening: Promise<Part>; close(part: Part): Promise<void> },
): Promise<Part> {
  const part = await opening;
  stack.add(name, () => close(part));
  return part;
}

function takeLock(stack: ReturnType<typeof openStack>, dataDirectory: string): Lease {
  const holder = { pid: process.pid, startedAtMs: openWallClock().nowMs() };
  const taken = acquireLease(join(dataDirectory, 'lease.db'), holder);
  if (taken.kind !== 'acquired') throw new Error(`expected ${dataDirectory} to be ours alone`);
  stack.add('lock', async () => taken.lease.release());
  return taken.lease;
}

interface Parts {
  readonly temporal: EmbeddedTemporal;
  readonly exchange: BenchExchange;
  readonly database: Database;
}

/** Side by side, as `ordinis start` opens them. */
async function openParts(
  stack: ReturnType<typeof openStack>,
  wish: StackWish,
  statements: StatementCounter,
): Promise<Parts> {
  const { dataDirectory, symbols } = wish;
  const temporal = adopted(stack, 'Temporal server', {
    opening: openTemporal(wish),
    close: (server) => server.stop(),
  });
  const exchange = adopted(stack, 'exchange', {
    opening: openBenchExchange(dataDirectory, symbols),
    close: ({ process }) => process.stop(),
  });
  const database = adopted(stack, 'database', {
    opening: openDatabase({
      file: join(dataDirectory, 'ordinis.db'),
      backupFolder: join(dataDirectory, 'backups'),
      nowAtMs: openWallClock().nowMs(),
      onStatement: statements.note,
    }),
    close: (opened) => opened.close(),
  });
  // All three, so that a failure of one leaves no other half open and unknown to the stack.
  await Promise.allSettled([temporal, exchange, database]);
  return { temporal: await temporal, exchange: await exchange, database: await database };
}

interface WorldParts {
  readonly wish: StackWish;
  readonly lease: Lease;
  readonly database: Database;
  readonly log: Awaited<ReturnType<typeof openFileLog>>;
  readonly exchange: BenchExchange;
  readonly client: Client;
}

async function openBenchWorld(
  stack: ReturnType<typeof openStack>,
  { wish, lease, database, log, exchange, client }: WorldParts,
): Promise<World> {
  const { symbols } = wish;
  const wallClock = openWallClock();
  const { addresses } = exchange.process;
  const { account, keyId, secret } = exchange.run;
  const broker = await connectBroker({
    addresses,
    credentials: { keyId, secret },
    symbols,
    time: 'lockstep',
    feed: 'iex',
    dataFeed: MARKET.kind,
    wallClock,
    log,
  });
  stack.add('market pace', () => broker.pace.close());
  const options = startOptions(wish, exchange);
  const drivers = orderDriversOnly(client, account);
  const parts = { account, options, lease, database, wallClock, log, drivers };
  return withoutLimits(
    openWorld({
      closing: new AbortController().signal,
      ...parts,
      mode: 'simulated',
      connection: broker,
    }),
  );
}

/** Reconciliation runs at most every five seconds, whatever the orders: it is not of one order. */
function orderDriversOnly(client: Client, account: string): Drivers {
  const options = { client, account, mode: 'simulated', isInWorkerProcess: true };
  return { ...openTemporalDrivers(options), requestReconciliation: async () => undefined };
}

function startOptions(wish: StackWish, exchange: BenchExchange): StartOptions {
  const { temporalBinary: binary, temporalPort: port } = wish;
  return {
    dataDirectory: wish.dataDirectory,
    broker: exchange.choice,
    symbols: wish.symbols,
    strategy: 'ma-cross',
    strategyParameters: {},
    once: false,
    temporal: { address: null, binary, port, uiPort: port + 2 },
    cancelAtShutdown: 'none',
    externalOrders: 'observe',
    shutdownTimeoutSeconds: 30,
    stallMsMax: 10_000,
    protection: 'alert',
    crash: null,
    onEvent: () => undefined,
  };
}

function withoutLimits(world: World): World {
  const limits = {
    ...world.settings.limits,
    orderNotionalMax: BEYOND_REACH,
    positionNotionalMax: BEYOND_REACH,
    dailyLossMax: BEYOND_REACH,
    losingStreakMax: 1_000_000,
  };
  return { ...world, settings: { ...world.settings, limits } };
}

/** What a session does before its first bar: market time, quotes, the row of the day. */
async function openDay(world: World, symbols: readonly string[]): Promise<void> {
  const { marketDate } = await refreshMarket(world, symbols);
  await openTradingDay(world, {
    account: world.account,
    marketDate,
    strategy: 'bench',
    strategyParameters: {},
    symbols,
    dataFeed: MARKET.kind,
  });
}

/** Takes over the exchange's time and quotes, as a session does at each step. */
export async function refreshMarket(
  world: World,
  symbols: readonly string[],
): Promise<{ readonly marketDate: string }> {
  const step = await world.pace.current();
  world.marketClock.observe(epochMs(step.atMs));
  const quotes = await world.marketData.latestQuotes(symbols);
  for (const quote of quotes.values()) world.quotes.put(quote);
  return step;
}
