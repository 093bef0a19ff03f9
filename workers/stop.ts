import type { Client } from '@temporalio/client';
import type { World } from '../activities/world.js';
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

/** Ends a run through its shutdown workflow, once, whoever asks and however often. */
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

async function shutDown(parts: StopParts, requestedBy: string): Promise<ShutdownReport> {
  const { world, options, stack, sessions, simulated } = parts;
  const deadlineAtMs = world.wallClock.nowMs() + options.shutdownTimeoutSeconds * 1_000;
  const timer = new AbortController();
  const timedOut = world.wallClock
    .sleep(options.shutdownTimeoutSeconds * 1_000, timer.signal)
    .then(() => null);
  timedOut.catch(() => undefined); // The wait is given up once the workflow has answered.
  const working = (async (): Promise<ShutdownResult> => {
    await sessions.stop();
    const shutdown = await runShutdown(parts, { requestedBy, deadlineAtMs });
    await letDriversEnd(parts, deadlineAtMs);
    return shutdown;
  })();
  // Awaited below; a failure after the time is over has nobody to tell.
  working.catch(() => undefined);
  const result = await Promise.race([working, timedOut]);
  timer.abort();
  if (simulated !== null && sessions.isOver() && result?.outcome === 'stopped') {
    finishSimulatedRun(options.dataDirectory, simulated);
  }
  const report = await reportOf(world, result);
  await stack.closeAll();
  removeRunRecord(options.dataDirectory);
  return report;
}

async function runShutdown(
  { client, world, options }: StopParts,
  asked: { readonly requestedBy: string; readonly deadlineAtMs: number },
): Promise<ShutdownResult> {
  const { account, bootEpoch } = world;
  const input: ShutdownInput = { account, bootEpoch, cancel: options.cancelAtShutdown, ...asked };
  const handle = await client.workflow.start(SHUTDOWN_WORKFLOW, {
    workflowId: shutdownWorkflowId(bootEpoch),
    taskQueue: brokerQueue(account),
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `stop of ${account}, asked by ${asked.requestedBy}`,
  });
  return handle.result();
}

const DRIVERS_LOOK_MS = 100;
/** Kept for whatever comes after the drivers: they are told again at the next start. */
const TIME_LEFT_MS = 5_000;

/**
 * Waits until the workflow of every closed order and turn has told its story: one that a killed
 * process left behind would otherwise stay open for ever, because a finished run is not started
 * again. The books do not need it, so it never holds up a shutdown for longer than there is time.
 */
async function letDriversEnd({ client, world }: StopParts, deadlineAtMs: number): Promise<void> {
  const query = `OrdAccount = "${world.account}" AND ExecutionStatus = "Running"`;
  while (world.wallClock.nowMs() < deadlineAtMs - TIME_LEFT_MS) {
    const { count } = await client.workflow.count(
      `WorkflowType IN ("${ORDER_WORKFLOW}", "${TURN_WORKFLOW}") AND ${query}`,
    );
    const open = await world.reader.orders.inStates(OPEN_STATES);
    const turns = await world.reader.turns.inStates(OPEN_TURN_STATES);
    if (count <= open.length + turns.length) return;
    await world.wallClock.sleep(DRIVERS_LOOK_MS);
  }
}

async function reportOf(world: World, result: ShutdownResult | null): Promise<ShutdownReport> {
  if (result === null) {
    const open = await world.reader.orders.inStates([
      'submitting',
      'unknown',
      'accepted',
      'partially_filled',
      'held',
      'pending_cancel',
      'pending_replace',
    ]);
    const ordersLeft = open.map(({ order }) => order.intent.clientOrderId);
    return { outcome: 'timed_out', ordersLeft, message: 'the shutdown took too long' };
  }
  const { ordersLeft } = result;
  const message = result.steps.at(-1)?.message ?? result.outcome;
  return { outcome: ordersLeft.length === 0 ? 'stopped' : 'orders_left', ordersLeft, message };
}
