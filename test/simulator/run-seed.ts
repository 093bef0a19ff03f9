import './temporal/workflow-globals.js';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { Books } from '../../adapters/store/port.js';
import { usd } from '../../domain/values/index.js';
import { judgeCoverage, nameOf } from './coverage/coverage-cells.js';
import { SimulatedExchange } from './exchange/simulated-exchange.js';
import { StaleViews } from './exchange/stale-views.js';
import { FaultPlan, type FaultHit, type FaultWish } from './faults/fault-plan.js';
import { seededWeather } from './faults/seeded-weather.js';
import { checkEnd } from './invariants/check-end.js';
import { LimitsAtBroker } from './invariants/limits-at-broker.js';
import { type HaltFigures, Observer } from './invariants/observer.js';
import { Supervisor } from './process/supervisor.js';
import { MachineClock } from './process/simulated-clocks.js';
import { MemoryKillFile } from './process/memory-kill-file.js';
import type { Machine } from './process/ordinis-process.js';
import { isExpectedMistake } from './process/expected-mistakes.js';
import { MarketWalk } from './scenario/market-walk.js';
import { ORDERS_LEAST, OrderTally } from './scenario/order-tally.js';
import { playScenario } from './scenario/play.js';
import { settingsOf } from './scenario/settings.js';
import { Schedules } from './temporal/schedules.js';
import { TemporalServer } from './temporal/temporal-server.js';
import { TemporalService } from './temporal/temporal-service.js';
import { Chance } from './time/chance.js';
import { Trace } from './time/trace.js';
import { VirtualTime } from './time/virtual-time.js';
import { installVirtualTimers } from './time/virtual-timers.js';

export interface SeedOptions {
  readonly seed: number;
  readonly faults: FaultWish;
  /** Books other than those in memory. */
  readonly books?: Books;
  /** How much of its stack a failure takes along. Failures are many here, and stacks are dear. */
  readonly stackLines?: number;
}

export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: FaultPlan['counts'];
  /** Which faults met orders in which states. */
  readonly met: readonly FaultHit[];
  readonly orders: number;
  readonly fills: number;
  readonly commits: number;
  /** Orders by the state that they were left in. */
  readonly states: Readonly<Record<string, number>>;
  readonly events: number;
  readonly replays: number;
  readonly deaths: number;
  readonly virtualMs: number;
  readonly halts: HaltFigures;
  readonly traceHash: string;
  readonly tail: readonly string[];
}

const STARTING_CASH = usd(100_000_000_000);
const LASTS_MS = [30_000, 80_000] as const;
/** A step of the start whose result is lost takes two minutes. */
const START_MS_MAX = 150_000;
/** Whoever is late for longer meets faults half as often, and again. */
const EASE_MS = 10_000;
const EASES_MAX = 120;
/** In some runs faults go on for as long as it takes to give an order up: five minutes and more. */
const PATIENT_SHARE = 0.05;
const PATIENT_MS = 400_000;
const SETTLE_MS_MAX = 60 * 60_000;
const LOOK_EVENTS = 32;
const TAIL_LINES = 120;
const STACK_LINES = 10;
/** More than any run asks for: what the budget denies is a matter of its own tests. */
const REQUESTS_PER_MINUTE = 5_000;
const ACCOUNT = 'sim-2013-10-07-1';

/** One run: the scenario with faults, then none until all has come to rest, then the check. */
export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const trace = new Trace();
  const chance = new Chance(`seed ${options.seed}`);
  const time = new VirtualTime(chance.fork('order of events'), trace);
  const restoreTimers = installVirtualTimers(time);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = options.stackLines ?? STACK_LINES;
  try {
    return await runOn(options, { trace, chance, time });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    restoreTimers();
  }
}

interface Ground {
  readonly trace: Trace;
  readonly chance: Chance;
  readonly time: VirtualTime;
}

async function runOn(options: SeedOptions, ground: Ground): Promise<SeedResult> {
  const { time, chance, trace } = ground;
  const built = build(options, ground);
  const { machine, supervisor, observer, faults } = built;
  const lastsMs = chance.fork('length').between(...LASTS_MS);
  const stage = {
    ...machine,
    chance: chance.fork('scenario'),
    market: new MarketWalk(time, chance.fork('market'), machine.exchange),
    orders: new OrderTally({
      inBooks: () => observer.orderCount,
      stateOf: machine.stateOf,
    }),
    isTrading: () => supervisor.ready !== null && observer.isTrading,
    wishes: observer.wishes,
    haltTaken: (message: string) => observer.haltTaken(message),
    process: () => supervisor.ready,
    whenReady: (call: () => void) => supervisor.whenReady(call),
    onSendBegun: (call: () => void) => observer.onSendBegun(call),
    asks: new Set<string>(),
  };
  supervisor.start();
  try {
    await comeUp(built);
    playScenario(stage, lastsMs);
    const overAtMs = time.nowMs + lastsMs;
    await time.runUntil(() => false, overAtMs);
    const isPatient = chance.fork('patience').hit(PATIENT_SHARE);
    if (isPatient && options.faults !== 'none') {
      await time.runUntil(() => false, overAtMs + PATIENT_MS);
    }
    await sufferLate(built, time.nowMs);
    stage.market.stop();
    await settle(built, stage.asks);
    await observer.checkWhole();
    const reader = machine.books.reader(ACCOUNT);
    const run = { workflows: machine.server.runs, hadFaults: options.faults !== 'none' };
    for (const line of await checkEnd(reader, machine.exchange.journal, run))
      observer.violate(line);
    for (const line of await observer.wishes.endFaults(reader)) observer.violate(line);
  } catch (error) {
    observer.violate(
      `the run itself failed: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  supervisor.end();
  for (const cell of judgeCoverage(faults.pairs).metThoughImpossible) {
    observer.violate(`coverage: ${nameOf(cell)} is declared impossible`);
  }
  return {
    seed: options.seed,
    violations: observer.violations,
    faults: faults.counts,
    met: faults.pairs,
    orders: observer.orderCount,
    fills: machine.exchange.journal.executions.length,
    commits: observer.commits,
    states: observer.stateCounts,
    events: time.eventCount,
    replays: supervisor.replays,
    deaths: supervisor.deaths,
    virtualMs: time.nowMs,
    halts: observer.haltFigures,
    traceHash: trace.hash,
    tail: observer.violations.length === 0 ? [] : trace.tail(TAIL_LINES),
  };
}

interface Built {
  readonly machine: Machine;
  readonly supervisor: Supervisor;
  readonly observer: Observer;
  readonly faults: FaultPlan;
}

function build(options: SeedOptions, { time, chance }: Ground): Built {
  const faults = new FaultPlan(chance.fork('faults'), options.faults, (line) => time.note(line));
  const draw = chance.fork('machine');
  const clock = new MachineClock(time);
  const exchange = new SimulatedExchange({
    time,
    seed: `simulator/${options.seed}`,
    startingCash: STARTING_CASH,
    partialFillShare: draw.between(0, 0.6),
    marketSpeed: draw.between(1, 12),
  });
  const books = options.books ?? openMemoryBooks();
  const killFile = new MemoryKillFile();
  const observer = new Observer({
    reader: books.reader(ACCOUNT),
    journal: exchange.journal,
    isKillFileEngaged: () => killFile.isEngaged,
    staleToldAtMs: () => views.toldHaltAtMs,
    wallMs: () => clock.latestMs,
    nowMs: () => time.nowMs,
    isUp: () => supervisor.ready !== null,
  });
  const settings = settingsOf(faults, draw);
  const { journal, quotedRanges } = exchange;
  const limits = new LimitsAtBroker({ journal, limits: settings.limits, quotedRanges });
  exchange.listen(({ order }) => {
    observer.orderTold(order);
    for (const line of limits.faultsOf(order.id)) observer.violate(line);
  });
  faults.statesNow = () => observer.states;
  const weather = seededWeather(chance.fork('weather'), faults);
  const wallMs = (): number => clock.wallMs;
  const noteMistake = (where: string, error: unknown): void => {
    if (!isExpectedMistake(error)) observer.violate(`mistake in ${where}: ${String(error)}`);
  };
  const server = new TemporalServer({ time, weather, wallMs, noteMistake });
  const service = new TemporalService(server, new Schedules({ time, server, wallMs }));
  const views = new StaleViews(time, faults, exchange);
  const machine: Machine = {
    account: ACCOUNT,
    time,
    chance: chance.fork('processes'),
    faults,
    books,
    isInMemory: options.books === undefined,
    clock,
    killFile,
    exchange,
    views,
    server,
    service,
    weather,
    watch: observer,
    settings,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    stateOf: (clientOrderId) => observer.stateOf(clientOrderId),
    afterCommit: () => observer.afterCommit(),
  };
  const supervisor = new Supervisor(machine);
  return { machine, observer, faults, supervisor };
}

/** The scenario begins with a process that is up; where none comes up, faults become fewer. */
async function comeUp({ machine, supervisor, faults }: Built): Promise<void> {
  const isUp = (): boolean => supervisor.ready !== null;
  for (let eases = 0; eases <= EASES_MAX; eases += 1) {
    if (await machine.time.runUntil(isUp, machine.time.nowMs + START_MS_MAX)) return;
    faults.ease();
  }
}

/**
 * Whoever was down for long is given the time to have suffered with at least twenty orders. A run
 * that never gets up under its faults would do nothing but start: they become fewer.
 */
async function sufferLate({ machine, observer, faults }: Built, overAtMs: number): Promise<void> {
  const isSuffered = (): boolean => observer.orderCount >= ORDERS_LEAST;
  for (let eases = 1; eases <= EASES_MAX; eases += 1) {
    if (await machine.time.runUntil(isSuffered, overAtMs + eases * EASE_MS)) return;
    faults.ease();
  }
}

/** No more faults: everything must come to rest, in the time that the slowest rule needs. */
async function settle(built: Built, asks: ReadonlySet<string>): Promise<void> {
  const { machine, supervisor, observer, faults } = built;
  const { time } = machine;
  faults.stop();
  observer.forgetComparisons();
  time.note('no more faults');
  machine.exchange.releaseStuck();
  machine.killFile.removeByHand();
  machine.exchange.listen(() => {
    sinceMs = time.nowMs;
  });
  let sinceMs = time.nowMs;
  const unsettled = function* (): Generator<string> {
    if (supervisor.ready === null) yield 'no process is up';
    for (const name of asks) yield `${name} was asked for`;
    yield* observer.unsettled(sinceMs);
    for (const run of machine.server.runs) {
      const { workflowId, isRunning, taskState } = run;
      if (!isRunning) continue;
      if (taskState !== 'none' || isForNothing(observer, workflowId)) yield `task of ${workflowId}`;
      // A step of a turn may be its last; between steps it sleeps.
      const isStepping = workflowId.startsWith('turn/') && machine.server.activitiesOf(run) > 0;
      if (isStepping) yield `step of ${workflowId}`;
    }
  };
  const isOver = (): boolean =>
    time.eventCount % LOOK_EVENTS === 0 && unsettled().next().done === true;
  if (await time.runUntil(isOver, time.nowMs + SETTLE_MS_MAX)) return;
  observer.violate(`I14: still unsettled: ${[...unsettled()].join('; ')}`);
}

/** Whether a workflow still drives an order that has ended. */
function isForNothing(observer: Observer, workflowId: string): boolean {
  const clientOrderId = /^order\/[^/]+\/(.+)$/.exec(workflowId)?.[1];
  return clientOrderId !== undefined && observer.isClosed(clientOrderId);
}
