import { createDriverCalls } from '../../../activities/order/driver-calls.js';
import { createOrderNotices } from '../../../activities/order/order-notices.js';
import type { World, WorldSettings } from '../../../activities/world.js';
import { createHaltLatch } from '../../../adapters/safety/kill-file.js';
import { createStallGuard } from '../../../activities/safety/stall-guard.js';
import { createFrameBacklog } from '../../../activities/stream/frame-backlog.js';
import { guardBroker } from '../../../adapters/broker/guarded-broker.js';
import { createTokenBucket } from '../../../adapters/broker/rate-limit.js';
import type { Books } from '../../../adapters/store/port.js';
import { openQuoteBoard } from '../../../workers/clocks.js';
import { startHealthMonitor } from '../../../workers/health-monitor.js';
import { startKillFileWatcher } from '../../../workers/kill-file-watcher.js';
import { startOutboxDrainer } from '../../../workers/outbox-drainer.js';
import { BEAT_MS, startStallWatch } from '../../../workers/stall-watch.js';
import { servedQueues } from '../../../workers/served-queues.js';
import { openTemporalDrivers } from '../../../workers/temporal-drivers.js';
import { brokerQueue, startupWorkflowId } from '../../../workflows/contract/index.js';
import { STARTUP_WORKFLOW, type StartupResult } from '../../../workflows/contract/lifecycle.js';
import { type WireWatch, SimulatedBroker } from '../exchange/simulated-broker.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { StaleViews } from '../exchange/stale-views.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import { fromPayload, toPayload } from '../temporal/payloads.js';
import type { ServerWeather } from '../temporal/server-weather.js';
import { openSimulatedClient } from '../temporal/simulated-client.js';
import { TaskWorker } from '../temporal/task-worker.js';
import type { TemporalServer } from '../temporal/temporal-server.js';
import type { TemporalService } from '../temporal/temporal-service.js';
import type { Chance } from '../time/chance.js';
import { ProcessDied } from '../time/process-died.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { openBooksPort } from './books-port.js';
import type { MemoryKillFile } from './memory-kill-file.js';
import type { ProcessLife } from './process-life.js';
import { type MachineClock, marketClockOf, STALL_MS_MAX, wallClockOf } from './simulated-clocks.js';

/** The machine that processes come and go on: everything that outlives one. */
export interface Machine {
  readonly account: string;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly books: Books;
  readonly isInMemory: boolean;
  readonly clock: MachineClock;
  readonly killFile: MemoryKillFile;
  readonly exchange: SimulatedExchange;
  readonly views: StaleViews;
  readonly server: TemporalServer;
  readonly service: TemporalService;
  readonly weather: ServerWeather;
  readonly watch: WireWatch;
  readonly settings: WorldSettings;
  readonly requestsPerMinute: number;
  readonly stateOf: (clientOrderId: string) => string;
  readonly afterCommit: () => Promise<void>;
}

const RESERVED_FOR_CANCELS = 20;

/** One process of Ordinis: its world, its Workers, its outbox, and what looks on. */
export interface OrdinisProcess {
  readonly life: ProcessLife;
  readonly world: World;
  readonly worker: TaskWorker;
  /** How its startup ended; null while it has not. */
  readonly startup: () => StartupResult['outcome'] | null;
}

/** Starts a process as `workers/start.ts` does, with the outside replaced. */
export function startProcess(
  machine: Machine,
  life: ProcessLife,
  onReady: () => void,
): OrdinisProcess {
  const { world, broker } = openWorld(machine, life);
  const queues = Object.entries(servedQueues(world)).map(([name, queue]) => ({
    ...queue,
    runsWorkflows: name !== 'stream',
  }));
  const worker = new TaskWorker(life, queues);
  machine.server.attach(worker);
  startStallWatch(world);
  startOutboxDrainer(world);
  let outcome: StartupResult['outcome'] | null = null;
  runStartup(machine, life.bootEpoch, (ended) => {
    outcome = ended;
    if (!life.isAlive) return;
    if (ended !== 'running' && ended !== 'halted') {
      life.die();
      return;
    }
    machine.time.after(1, { owner: life, label: `process ${life.bootEpoch} is ${ended}` }, () => {
      startKillFileWatcher(world);
      startHealthMonitor(world, broker);
      onReady();
    });
  });
  return { life, world, worker, startup: () => outcome };
}

function runStartup(
  { account, server }: Machine,
  bootEpoch: number,
  onEnd: (outcome: StartupResult['outcome']) => void,
): void {
  const started = server.start({
    workflowId: startupWorkflowId(account, bootEpoch),
    workflowType: STARTUP_WORKFLOW,
    taskQueue: brokerQueue(account),
    payloads: [toPayload({ account, bootEpoch })],
    conflict: 'use_existing',
    reuse: 'allow',
    executionTimeoutMs: null,
  });
  server.whenEnded((run) => {
    if (run !== started?.run) return;
    const result = run.result === null ? null : (fromPayload(run.result) as StartupResult);
    onEnd(result?.outcome ?? 'failed');
  });
}

interface Opened {
  readonly world: World;
  readonly broker: ReturnType<typeof guardBroker>;
}

function openWorld(machine: Machine, life: ProcessLife): Opened {
  const { account, time, clock, exchange, settings, books, server: _server } = machine;
  const chance = machine.chance.fork(life.name);
  const wallClock = wallClockOf(clock, time, life);
  const broker = openGuardedBroker(machine, life, chance);
  const access = { ...machine, chance, life };
  const ported = openBooksPort(books, access);
  const client = openSimulatedClient({ ...machine, owner: life });
  const world: World = {
    account,
    mode: 'simulated',
    bootEpoch: life.bootEpoch,
    startedAtWallMs: wallClock.nowMs(),
    books: ported,
    reader: ported.reader(account),
    broker,
    marketData: marketDataOf(machine, life),
    pace: NO_PACE,
    quotes: openQuoteBoard(),
    wallClock,
    marketClock: marketClockOf(exchange),
    killFile: machine.killFile.portOf(life),
    haltLatch: createHaltLatch(),
    isLeaseHeld: () => life.isAlive,
    stall: createStallGuard({
      wallClock,
      marketClock: marketClockOf(exchange),
      everyMs: BEAT_MS,
      gapMsMax: STALL_MS_MAX,
    }),
    submitPermit: () => {
      const ready = broker.prepareSubmit();
      if (ready.ok) return { granted: true };
      return {
        granted: false,
        reason: ready.reason.replace('_', ' '),
        retryAfterMs: ready.retryAfterMs,
      };
    },
    closing: life.closing.signal,
    notices: createOrderNotices(),
    driverCalls: createDriverCalls(),
    frames: createFrameBacklog(),
    drivers: openTemporalDrivers({ client, account, mode: 'simulated', isInWorkerProcess: false }),
    database: {
      prepare: async () => 'sound',
      backUp: async () => 'backed up',
      health: async () => ({ isHealthy: true, message: 'well' }),
    },
    log: logOf(time),
    settings,
    crashPoint: (name) => crashAt(machine, life, name),
  };
  return { world, broker };
}

function openGuardedBroker(
  machine: Machine,
  life: ProcessLife,
  chance: Chance,
): ReturnType<typeof guardBroker> {
  const { time, clock, requestsPerMinute } = machine;
  const bare = new SimulatedBroker({
    ...machine,
    chance: chance.fork('broker'),
    owner: life,
    bootEpoch: life.bootEpoch,
  });
  return guardBroker(bare, {
    bucket: createTokenBucket({
      requestsPerMinute,
      reservedForCancels: RESERVED_FOR_CANCELS,
      nowMs: () => time.nowMs,
      wallNowMs: () => clock.wallMs,
    }),
    monotonicNowMs: () => time.nowMs,
    onBreakerChange: ({ kind, from, to }) => time.note(`circuit ${kind}: ${from} to ${to}`),
  });
}

function marketDataOf({ time, exchange }: Machine, life: ProcessLife): World['marketData'] {
  return {
    minuteBars: async () => [],
    latestQuotes: (symbols) =>
      new Promise((resolve) => {
        time.after(3, { owner: life, label: '' }, () => {
          const quotes = symbols.flatMap((symbol) => {
            const { quote } = exchange.engine.ledger.marksOf(symbol);
            return quote === null ? [] : [[symbol, quote] as const];
          });
          resolve(new Map(quotes));
        });
      }),
  };
}

const NO_PACE: World['pace'] = {
  current: () => Promise.reject(new Error('expected no market steps in this run')),
  advance: () => Promise.reject(new Error('expected no market steps in this run')),
  close: async () => undefined,
};

/** The process may end at any of the places that the code names. */
function crashAt({ time, faults }: Machine, life: ProcessLife, name: string): void {
  if (!life.isAlive) throw new ProcessDied(name);
  if (!faults.hits('crash_point', { weight: 0.3 })) return;
  time.note(`${life.name} dies at ${name}`);
  life.die();
  throw new ProcessDied(name);
}

function logOf(time: VirtualTime): World['log'] {
  return {
    info: () => undefined,
    warn: (fields, message) => time.note(`log: ${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => time.note(`log: ${message} ${JSON.stringify(fields)}`),
  };
}
