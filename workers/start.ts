import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { BooksUnusable } from '../adapters/store/errors.js';
import { type Database, openDatabase } from '../adapters/store/prisma/index.js';
import { acquireLease, type Lease } from '../adapters/store/lease.js';
import { recordBreakerChange } from '../activities/safety/record-breaker.js';
import type { World } from '../activities/world.js';
import type { BreakerChange } from '../adapters/broker/guarded-broker.js';
import { epochMs } from '../domain/values/index.js';
import { NAMESPACE, SEARCH_ATTRIBUTES } from '../workflows/contract/index.js';
import { ALPACA_PAPER, connectBroker } from './broker-connection.js';
import { openWallClock } from './clocks.js';
import { type ExchangeProcess, openExchangeProcess } from './exchange-process.js';
import { startHealthMonitor } from './health-monitor.js';
import { startKillFileWatcher } from './kill-file-watcher.js';
import { openFileLog } from './log.js';
import { startOutboxDrainer } from './outbox-drainer.js';
import { reportEvents } from './report-events.js';
import { openStack, type ResourceStack } from './resource-stack.js';
import { type RunRecord, writeRunRecord } from './run-record.js';
import { runSessions } from './run-sessions.js';
import { openSimulatedRun, type SimulatedRun } from './simulated-run.js';
import { createStopper } from './stop.js';
import { type RunningOrdinis, type StartOptions, StartRefused } from './start-options.js';
import { runStartup } from './startup.js';
import { startTaskWorkers } from './task-workers.js';
import { identifyProcess } from './temporal/process-identity.js';
import {
  connectToTemporal,
  prepareNamespace,
  startEmbeddedTemporal,
  TemporalUnavailable,
} from './temporal/index.js';
import { installTemporalRuntime } from './temporal-runtime.js';
import { openTemporalDrivers } from './temporal-drivers.js';
import { openWorld } from './open-world.js';

/**
 * Brings a run up: lock, database, Temporal, exchange, Workers, startup workflow, sessions.
 * Whatever fails before it is up is one line for a person, and leaves nothing running.
 */
export async function start(options: StartOptions): Promise<RunningOrdinis> {
  // Whatever is written from here on, by us or by what we start, is for its owner alone.
  process.umask(0o077);
  const stack = openStack();
  try {
    return await startOn(stack, { ...options, dataDirectory: resolve(options.dataDirectory) });
  } catch (error) {
    await stack.closeAll();
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  const isForAPerson = error instanceof TemporalUnavailable || error instanceof BooksUnusable;
  return isForAPerson ? new StartRefused(error.message, 2) : error;
}

async function startOn(stack: ResourceStack, options: StartOptions): Promise<RunningOrdinis> {
  const { dataDirectory } = options;
  const lease = takeLease(dataDirectory);
  stack.add('lock', async () => lease.release());
  const log = await openFileLog(dataDirectory);
  stack.add('log', () => log.close());
  installTemporalRuntime(log);
  const simulated = openRun(options);
  const step = (name: string, message: string): void =>
    options.onEvent({ kind: 'step', name, message });
  const [database, temporal, exchange] = await openAll(
    openBooks(stack, dataDirectory),
    openTemporal(stack, options),
    openExchange(stack, options, simulated),
  );
  step('database', describeDatabase(database));
  step('Temporal', temporal.address);
  const wallClock = openWallClock();
  const connection = await connectBroker({
    ...brokerAddresses(options, exchange, simulated),
    symbols: options.symbols,
    wallClock,
    log,
  });
  stack.add('market pace', () => connection.pace.close());
  const native = await NativeConnection.connect({
    address: temporal.address,
    grpcCompression: { codec: 'none' },
  });
  stack.add('Temporal connection', () => native.close());
  const client = new Client({ connection: native, namespace: NAMESPACE });
  const account = simulated?.account ?? 'alpaca-paper';
  const mode = simulated === null ? 'paper' : 'simulated';
  const world = openWorld({
    account,
    mode,
    options,
    lease,
    database,
    connection,
    wallClock,
    log,
    drivers: openTemporalDrivers({ client, account, mode, isInWorkerProcess: true }),
  });
  connection.onBreakerChange((change) => keepBreakerChange(world, change));
  const workers = await startTaskWorkers(native, world);
  stack.add('workers', () => workers.shutdown());
  const drainer = startOutboxDrainer(world);
  stack.add('outbox', () => drainer.stop());
  const startup = await runStartup(client, world, options.onEvent);
  const watcher = startKillFileWatcher(world);
  stack.add('kill file', async () => watcher.stop());
  const monitor = startHealthMonitor(world, connection.broker);
  stack.add('health', async () => monitor.stop());
  const stopReporting = reportEvents(world, options.onEvent);
  stack.add('events', async () => stopReporting());
  const run = await recordRun({ options, world, temporal, exchange, simulated });
  options.onEvent({
    kind: 'ready',
    run,
    state: startup,
    notes: notesOf(world, exchange),
  });
  const sessions = runSessions({ client, world, options, dataFeed: connection.dataFeed });
  const stopper = createStopper({ client, world, options, stack, sessions, simulated });
  void workers.failed.catch((error: unknown) => {
    log.error({ error: String(error) }, 'a Worker died');
    void stopper.stop('a Worker that died');
  });
  return { run, firstSession: sessions.first, stop: stopper.stop, stopped: stopper.stopped };
}

/** Waits for all three, so that a failure of one leaves no other half open and unknown to the stack. */
async function openAll<First, Second, Third>(
  first: Promise<First>,
  second: Promise<Second>,
  third: Promise<Third>,
): Promise<readonly [First, Second, Third]> {
  await Promise.allSettled([first, second, third]);
  return [await first, await second, await third];
}

function takeLease(dataDirectory: string): Lease {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      `expected a folder to write to at ${dataDirectory}, found ${found}; use --data-dir`,
      2,
    );
  }
  const holder = { pid: process.pid, startedAtMs: epochMs(Date.now()) };
  const taken = acquireLease(join(dataDirectory, 'lease.db'), holder);
  if (taken.kind === 'acquired') return taken.lease;
  throw new StartRefused(
    `expected ${dataDirectory} to be free, found Ordinis running on it (process ${taken.pid}); ` +
      'stop it with "npx ordinis stop", or use another --data-dir',
    2,
  );
}

function openRun({ broker, dataDirectory, symbols }: StartOptions): SimulatedRun | null {
  if (broker.kind !== 'exchange') return null;
  return openSimulatedRun(dataDirectory, { market: broker.market, symbols }).run;
}

async function openBooks(stack: ResourceStack, dataDirectory: string): Promise<Database> {
  const database = await openDatabase({
    file: join(dataDirectory, 'ordinis.db'),
    backupFolder: join(dataDirectory, 'backups'),
    nowAtMs: epochMs(Date.now()),
  });
  stack.add('database', () => database.close());
  return database;
}

const NAMESPACE_WISH = {
  namespace: NAMESPACE,
  retentionDays: 30,
  searchAttributes: SEARCH_ATTRIBUTES,
} as const;

interface TemporalAccess {
  readonly address: string;
  readonly uiUrl: string | null;
}

async function openTemporal(stack: ResourceStack, options: StartOptions): Promise<TemporalAccess> {
  const { temporal, onEvent, dataDirectory } = options;
  if (temporal.address !== null) {
    const connection = await connectToTemporal(temporal.address);
    try {
      await prepareNamespace(connection, NAMESPACE_WISH);
    } finally {
      await connection.close();
    }
    return { address: temporal.address, uiUrl: null };
  }
  if (temporal.binary === null) {
    throw new StartRefused(
      'expected a Temporal server or its binary, found neither; run npm start, which finds or builds it',
      2,
    );
  }
  const embedded = await startEmbeddedTemporal({
    binary: temporal.binary,
    dataDirectory,
    preferredPort: temporal.port,
    preferredUiPort: temporal.uiPort,
    ...NAMESPACE_WISH,
    onLine: (message) => onEvent({ kind: 'note', message }),
  });
  stack.add('Temporal server', () => embedded.stop());
  return embedded;
}

async function openExchange(
  stack: ResourceStack,
  options: StartOptions,
  run: SimulatedRun | null,
): Promise<ExchangeProcess | null> {
  const { broker, dataDirectory, onEvent } = options;
  if (broker.kind !== 'exchange' || run === null) return null;
  const exchange = await openExchangeProcess({
    dataDirectory,
    run,
    choice: broker,
    isRolling: broker.market.kind === 'synthetic',
    onLine: (message) => onEvent({ kind: 'note', message }),
  });
  stack.add('paper exchange', () => exchange.stop());
  return exchange;
}

function brokerAddresses(
  { broker }: StartOptions,
  exchange: ExchangeProcess | null,
  run: SimulatedRun | null,
): Pick<
  Parameters<typeof connectBroker>[0],
  'addresses' | 'credentials' | 'time' | 'feed' | 'dataFeed'
> {
  if (broker.kind === 'alpaca-paper') {
    const { credentials, dataFeed } = broker;
    const feeds = { feed: dataFeed, dataFeed };
    return { addresses: ALPACA_PAPER, credentials, time: 'realtime', ...feeds };
  }
  if (exchange === null || run === null) throw new Error('expected the paper exchange of the run');
  const credentials = { keyId: run.keyId, secret: run.secret };
  const { addresses } = exchange;
  const dataFeed = broker.market.kind;
  return { addresses, credentials, time: 'lockstep', feed: 'iex', dataFeed };
}

function describeDatabase({ opened }: Database): string {
  return opened.migrated.length === 0 ? 'sound' : `migrated: ${opened.migrated.join(', ')}`;
}

function notesOf(world: World, exchange: ExchangeProcess | null): readonly string[] {
  const { limits } = world.settings;
  const profile =
    world.mode === 'simulated'
      ? `simulated profile: a losing streak of ${limits.losingStreakMax} instead of 5 engages reduce-only`
      : `limits: losing streak ${limits.losingStreakMax}`;
  return [profile, ...(exchange?.addresses.notes ?? [])];
}

function keepBreakerChange(world: World, { kind, from, to, counters }: BreakerChange): void {
  const reason = `${counters.consecutiveFailures} failures in a row`;
  const change = { endpointClass: kind, fromState: from, toState: to, reason };
  recordBreakerChange(world, change).catch((error: unknown) =>
    world.log.error({ error: String(error) }, 'a breaker change was not recorded'),
  );
}

interface RunParts {
  readonly options: StartOptions;
  readonly world: World;
  readonly temporal: TemporalAccess;
  readonly exchange: ExchangeProcess | null;
  readonly simulated: SimulatedRun | null;
}

async function recordRun(parts: RunParts): Promise<RunRecord> {
  const { options, world, temporal, exchange, simulated } = parts;
  const identity = await identifyProcess(process.pid);
  if (identity === null) throw new Error('expected to find the own process');
  const record: RunRecord = {
    pid: process.pid,
    processStartedAt: identity.startedAt,
    bootEpoch: world.bootEpoch,
    account: world.account,
    mode: world.mode,
    description: `${options.strategy} on ${options.symbols.join(', ')}`,
    temporalAddress: temporal.address,
    namespace: NAMESPACE,
    uiUrl: temporal.uiUrl,
    exchange:
      exchange === null || simulated === null
        ? null
        : {
            pid: exchange.pid,
            tradingUrl: exchange.addresses.tradingUrl,
            streamUrl: exchange.addresses.streamUrl,
            dataUrl: exchange.addresses.dataUrl,
            dataStreamUrl: exchange.addresses.dataStreamUrl,
            keyId: simulated.keyId,
            secret: simulated.secret,
          },
    startedAtWallMs: world.startedAtWallMs,
  };
  writeRunRecord(options.dataDirectory, record);
  return record;
}
