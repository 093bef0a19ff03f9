import type { Client } from '@temporalio/client';
import { type FinalState, persistFinalState } from '../activities/lifecycle/shutdown-steps.js';
import type { World } from '../activities/world.js';
import { IN_FLIGHT_STATES, WORKING_STATES } from '../domain/order/index.js';
import { OPEN_STATES } from '../domain/order/index.js';
import { OPEN_TURN_STATES } from '../domain/turn/index.js';
import {
  brokerQueue,
  ORDER_WORKFLOW,
  shutdownWorkflowId,
  TURN_WORKFLOW,
} from '../workflows/contract/index.js';
import {
  SHUTDOWN_WORKFLOW,
  type ShutdownInput,
  type ShutdownResult,
} from '../workflows/contract/lifecycle.js';
import { reasonOf } from './failure-reason.js';
import type { ResourceStack } from './resource-stack.js';
import { removeRunRecord } from './run-record.js';
import type { Sessions } from './run-sessions.js';
import { finishSimulatedRun, type SimulatedRun } from './simulated-run.js';
import type { ShutdownReport, StartOptions } from './start-options.js';

interface StopParts {
  readonly client: Client;
  readonly world: World;
  readonly options: StartOptions;
  readonly stack: ResourceStack;
  readonly sessions: Sessions;
  readonly simulated: SimulatedRun | null;
}

export interface Stopper {
  stop(requestedBy: string): Promise<ShutdownReport>;
  readonly stopped: Promise<ShutdownReport>;
}

/**
 * Ends a run through its shutdown workflow, once, whoever asks and however often. Never rejects: a
 * shutdown that failed is reported like one that took too long, since somebody waits for the end.
 */
export function createStopper(parts: StopParts): Stopper {
  let stopping: Promise<ShutdownReport> | null = null;
  let tell: (report: ShutdownReport) => void = () => undefined;
  const stopped = new Promise<ShutdownReport>((resolve) => {
    tell = resolve;
  });
  return {
    stopped,
    stop: (requestedBy) => {
      stopping ??= shutDown(parts, requestedBy).then((report) => {
        tell(report);
        return report;
      });
      return stopping;
    },
  };
}

type Ending =
  | { readonly kind: 'told'; readonly result: ShutdownResult }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'failed'; readonly why: string };

async function shutDown(parts: StopParts, requestedBy: string): Promise<ShutdownReport> {
  const ending = await endInTime(parts, requestedBy);
  const report = await reportOf(parts.world, ending);
  return closeAll(parts, report);
}

async function endInTime(parts: StopParts, requestedBy: string): Promise<Ending> {
  const { world, options } = parts;
  const allowedMs = options.shutdownTimeoutSeconds * 1_000;
  const deadlineAtMs = world.wallClock.nowMs() + allowedMs - TIME_LEFT_MS;
  const timer = new AbortController();
  const timedOut = world.wallClock
    .sleep(allowedMs, timer.signal)
    .then((): Ending => ({ kind: 'timed_out' }));
  timedOut.catch(() => undefined); // The wait is given up once the workflow has answered.
  const ended = endInOrder(parts, { requestedBy, deadlineAtMs }).catch((error: unknown): Ending => {
    world.log.error({ error: String(error) }, 'the shutdown failed');
    return { kind: 'failed', why: reasonOf(error) };
  });
  const ending = await Promise.race([ended, timedOut]);
  timer.abort();
  return ending;
}

interface Asked {
  readonly requestedBy: string;
  /** Until when orders and drivers are waited for. */
  readonly deadlineAtMs: number;
}

async function endInOrder(parts: StopParts, asked: Asked): Promise<Ending> {
  const { options, sessions, simulated } = parts;
  await sessions.stop();
  const result = await runShutdown(parts, asked);
  await letDriversEnd(parts, asked.deadlineAtMs);
  if (simulated !== null && sessions.isOver() && result.outcome === 'stopped') {
    finishSimulatedRun(options.dataDirectory, simulated);
  }
  return { kind: 'told', result };
}

async function runShutdown(
  { client, world, options }: StopParts,
  asked: Asked,
): Promise<ShutdownResult> {
  const { account, bootEpoch } = world;
  const input: ShutdownInput = { account, bootEpoch, cancel: options.cancelAtShutdown, ...asked };
  const handle = await client.workflow.start(SHUTDOWN_WORKFLOW, {
    workflowId: shutdownWorkflowId(account, bootEpoch),
    taskQueue: brokerQueue(account),
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `stop of ${account}, asked by ${asked.requestedBy}`,
  });
  return handle.result();
}

const DRIVERS_LOOK_MS = 100;
/** Of the time allowed, kept for the last word: a wait that takes all of it is never told of. */
const TIME_LEFT_MS = 5_000;

/**
 * Waits until the workflow of every closed order and turn has told its story: one that a killed
 * process left behind would otherwise stay open for ever, because a finished run is not started
 * again. The books do not need it, so it never holds up a shutdown for longer than there is time.
 */
async function letDriversEnd({ client, world }: StopParts, deadlineAtMs: number): Promise<void> {
  const query = `OrdAccount = "${world.account}" AND ExecutionStatus = "Running"`;
  while (world.wallClock.nowMs() < deadlineAtMs) {
    const { count } = await client.workflow.count(
      `WorkflowType IN ("${ORDER_WORKFLOW}", "${TURN_WORKFLOW}") AND ${query}`,
    );
    const open = await world.reader.orders.inStates(OPEN_STATES);
    const turns = await world.reader.turns.inStates(OPEN_TURN_STATES);
    if (count <= open.length + turns.length) return;
    await world.wallClock.sleep(DRIVERS_LOOK_MS);
  }
}

const WHAT_TO_DO =
  'orders may live on at the broker: start again, which recovers, or cancel them with ' +
  '"npx ordinis halt"';

/** Whatever the end was, somebody is told of it, and of the orders that live as far as is known. */
async function reportOf(world: World, ending: Ending): Promise<ShutdownReport> {
  if (ending.kind === 'told') {
    const { ordersLeft, steps, outcome } = ending.result;
    const message = steps.at(-1)?.message ?? outcome;
    return { outcome: outcome === 'superseded' ? 'stopped' : outcome, ordersLeft, message };
  }
  const why = ending.kind === 'failed' ? ending.why : 'it took too long';
  const read = await tried('the books cannot be read', () => liveOrders(world));
  const ordersLeft = read.isDone ? read.value : [];
  const written = await tried('its end is not in the books', () =>
    endDirectly(world, ordersLeft, why),
  );
  // The workflow has said it, and what failed came after it.
  if (written.isDone && written.value.state === 'stopped') {
    return { outcome: 'stopped', ordersLeft: [], message: written.value.message };
  }
  const found = written.isDone ? [written.value.message] : [`shutdown: ${why}`, written.fault];
  const faults = read.isDone ? [] : [read.fault];
  const message = [...found, ...faults, WHAT_TO_DO].join('; ');
  return { outcome: ending.kind, ordersLeft, message };
}

/** The last word of a shutdown whose workflow has not come to it, as far as the books are ours. */
async function endDirectly(
  world: World,
  ordersLeft: readonly string[],
  why: string,
): Promise<FinalState> {
  if (!world.isLeaseHeld()) throw new Error('another process has the lock by now');
  return persistFinalState(world, ordersLeft, why);
}

type Tried<Value> =
  | { readonly isDone: true; readonly value: Value }
  | { readonly isDone: false; readonly fault: string };

/** Books that cannot be used are part of the report: the rest of it must come all the same. */
async function tried<Value>(fault: string, use: () => Promise<Value>): Promise<Tried<Value>> {
  try {
    return { isDone: true, value: await use() };
  } catch (error) {
    return { isDone: false, fault: `${fault} (${reasonOf(error)})` };
  }
}

async function liveOrders({ reader }: World): Promise<readonly string[]> {
  const open = await reader.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES]);
  return open.map(({ order }) => order.intent.clientOrderId);
}

/** Closes what can be closed; what cannot is in the report. */
async function closeAll(
  { stack, options }: StopParts,
  report: ShutdownReport,
): Promise<ShutdownReport> {
  try {
    await stack.closeAll();
    removeRunRecord(options.dataDirectory);
    return report;
  } catch (error) {
    const outcome = report.outcome === 'stopped' ? 'failed' : report.outcome;
    const found = `${reasonOf(error)}; start again: it ends what is left`;
    return { ...report, outcome, message: `${report.message}; ${found}` };
  }
}
