import { resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { recordBreakerChange } from '../activities/safety/record-breaker.js';
import { steadyWallClock } from '../activities/safety/steady-wall-clock.js';
import type { Log, World } from '../activities/world.js';
import type { BreakerChange } from '../adapters/broker/guarded-broker.js';
import type { Lease } from '../adapters/store/lease.js';
import type { Database } from '../adapters/store/prisma/index.js';
import { NAMESPACE } from '../workflows/contract/index.js';
import { type BrokerConnection, connectBroker } from './broker-connection.js';
import { openWallClock } from './clocks.js';
import { notesOf, recordRun } from './describe-run.js';
import { startHealthMonitor } from './health-monitor.js';
import { startKillFileWatcher } from './kill-file-watcher.js';
import { openFileLog } from './log.js';
import { brokerAddresses, openParts, type Parts } from './open-parts.js';
import { openWorld } from './open-world.js';
import { startOutboxDrainer } from './outbox-drainer.js';
import { reportEvents } from './report-events.js';
import { openStack, type ResourceStack } from './resource-stack.js';
import { runSessions } from './run-sessions.js';
import { startStallWatch } from './stall-watch.js';
import type { RunningOrdinis, StartOptions } from './start-options.js';
import { refusalOf } from './start-refusal.js';
import { restoreDrivers, runStartup } from './startup.js';
import { createStopper } from './stop.js';
import { takeLease } from './take-lease.js';
import { startTaskWorkers } from './task-workers.js';
import { openTemporalDrivers } from './temporal-drivers.js';
import { installTemporalRuntime } from './temporal-runtime.js';

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

async function startOn(stack: ResourceStack, options: StartOptions): Promise<RunningOrdinis> {
  const lease = takeLease(options.dataDirectory);
  stack.add('lock', async () => lease.release());
  const log = openFileLog(options.dataDirectory);
  stack.add('log', () => log.close());
  installTemporalRuntime(log);
  const parts = await openParts(stack, options);
  tellParts(options, parts);
  const connected = await connect(stack, {
    options,
    parts,
    lease,
    log,
  });
  const { world, client, native, connection } = connected;
  const stalls = startStallWatch(world);
  stack.add('stall watch', async () => stalls.stop());
  connection.onBreakerChange((change) => keepBreakerChange(world, change));
  // Closed after the Workers: what their last activities ask for is told as well.
  const drainer = startOutboxDrainer(world);
  stack.add('outbox', () => drainer.stop());
  const workers = await startTaskWorkers(native, world);
  stack.add('workers', () => workers.shutdown());
  stack.add('long activities', async () => connected.end());
  const state = await runStartup(client, world, options.onEvent);
  await workers.startDriving();
  const drivers = restoreDrivers(world);
  stack.add('drivers', () => drivers);
  watch(stack, { world, connection, options });
  const run = await recordRun(world, options, parts);
  options.onEvent({ kind: 'ready', run, state, notes: notesOf(world, parts.exchange) });
  const sessions = runSessions({ client, world, options, dataFeed: connection.dataFeed });
  const { simulated } = parts;
  const stopper = createStopper({ client, world, options, stack, sessions, simulated });
  workers.failed.catch((error: unknown) => {
    log.error({ error: String(error) }, 'a Worker died');
    void stopper.stop('a Worker that died');
  });
  return { run, firstSession: sessions.first, stop: stopper.stop, stopped: stopper.stopped };
}

function tellParts({ onEvent }: StartOptions, { database, temporal }: Parts): void {
  onEvent({ kind: 'step', name: 'database', message: describeDatabase(database) });
  onEvent({ kind: 'step', name: 'Temporal', message: temporal.address });
}

interface Connecting {
  readonly options: StartOptions;
  readonly parts: Parts;
  readonly lease: Lease;
  readonly log: Log;
}

interface Connected {
  readonly world: World;
  readonly client: Client;
  readonly native: NativeConnection;
  readonly connection: BrokerConnection;
  /** Ends the long activities. */
  readonly end: () => void;
}

/** Connects to the broker and to Temporal, and puts the world of this run together. */
async function connect(stack: ResourceStack, connecting: Connecting): Promise<Connected> {
  const { options, parts, lease, log } = connecting;
  const wallClock = steadyWallClock(openWallClock(), options.stallMsMax);
  const { symbols } = options;
  const wish = { ...brokerAddresses(options, parts), symbols, wallClock, log };
  const connection = await connectBroker(wish);
  stack.add('market pace', () => connection.pace.close());
  const { address } = parts.temporal;
  // Loopback: compressing would cost more than it saves.
  const native = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } });
  stack.add('Temporal connection', () => native.close());
  const client = new Client({ connection: native, namespace: NAMESPACE });
  const account = parts.simulated?.account ?? 'alpaca-paper';
  const mode = parts.simulated === null ? 'paper' : 'simulated';
  const drivers = openTemporalDrivers({ client, account, mode, isInWorkerProcess: true });
  const { database } = parts;
  const closing = new AbortController();
  // Closed after everything that stands on it: just before the Workers wait for their activities.
  const end = (): void => closing.abort(new Error('shutting down'));
  const opened = { database, connection, wallClock, log, drivers, closing: closing.signal };
  const shared = { options, lease, ...opened };
  return { world: openWorld({ account, mode, ...shared }), client, native, connection, end };
}

interface Watched {
  readonly world: World;
  readonly connection: BrokerConnection;
  readonly options: StartOptions;
}

/** Starts what looks on while the run trades: kill file, health, and the live view's events. */
function watch(stack: ResourceStack, { world, connection, options }: Watched): void {
  const watcher = startKillFileWatcher(world);
  stack.add('kill file', async () => watcher.stop());
  const monitor = startHealthMonitor(world, connection.broker);
  stack.add('health', async () => monitor.stop());
  const stopReporting = reportEvents(world, options.onEvent);
  stack.add('events', async () => stopReporting());
}

function describeDatabase({ opened }: Database): string {
  return opened.migrated.length === 0 ? 'sound' : `migrated: ${opened.migrated.join(', ')}`;
}

function keepBreakerChange(world: World, { kind, from, to, counters }: BreakerChange): void {
  const failures = `${counters.consecutiveFailures} failures in a row`;
  const reason = to === 'closed' ? 'the broker answers again' : failures;
  const change = { endpointClass: kind, fromState: from, toState: to, reason };
  recordBreakerChange(world, change).catch((error: unknown) =>
    world.log.error({ error: String(error) }, 'a breaker change was not recorded'),
  );
}
