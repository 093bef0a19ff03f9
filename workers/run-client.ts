import { Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import {
  isClosed,
  MANUAL_STRATEGY,
  type OrderIntent,
  parseClientOrderId,
} from '../domain/order/index.js';
import { INTENT_VALID_MS } from '../domain/signal/index.js';
import { assert, type EpochMs, epochMs } from '../domain/values/index.js';
import {
  brokerQueue,
  cancelOrder,
  haltEngaged,
  haltView,
  killSwitchWorkflowId,
  type OrderView,
  orderView,
  orderWorkflowId,
  release,
  type ReplaceAnswer,
  replaceOrder,
  type ReplaceRequest,
} from '../workflows/contract/index.js';
import {
  RECONCILIATION_WORKFLOW,
  type ReconciliationResult,
} from '../workflows/contract/lifecycle.js';
import { marketTimeOf } from './market-time.js';
import type { ManualOrder, RunClient } from './run-port.js';
import { openRunCalls } from './run-calls.js';
import type { RunRecord } from './run-record.js';
import { connectToTemporal } from './temporal/index.js';
import { startAndAwaitAnswer } from './start-and-await-answer.js';
import { submitOnce } from './submit-once.js';

const POLL_INTERVAL_MS = 10_000;

/** Connects to the run's Temporal. Throws one line when it does not answer. */
export async function connectToRun(run: RunRecord): Promise<RunClient> {
  const connection = await connectToTemporal(run.temporalAddress);
  const client = new Client({ connection, namespace: run.namespace });
  const calls = openRunCalls(connection);
  const within = calls.during;
  const killSwitch = client.workflow.getHandle(killSwitchWorkflowId(run.account));
  return {
    submitOrder: (order, submitter) =>
      within(() =>
        submitOnce({ ...submitter, account: run.account, order }, () => submit(client, run, order)),
      ),
    cancelOrder: (clientOrderId, request) =>
      within(() =>
        client.workflow
          .getHandle(orderWorkflowId(run.account, clientOrderId))
          .executeUpdate(cancelOrder, { args: [request] }),
      ),
    replaceOrder: (clientOrderId, replacement) =>
      within(async () => {
        const decidedAtMs = await marketTimeOf(run);
        const driver = client.workflow.getHandle(orderWorkflowId(run.account, clientOrderId));
        return replaceUnlessOver(driver, { ...replacement, decidedAtMs });
      }),
    signalHalt: (request) => within(() => killSwitch.signal(haltEngaged, request)),
    release: (request) => within(() => killSwitch.executeUpdate(release, { args: [request] })),
    haltState: () => within(() => killSwitch.query(haltView)),
    reconcile: () => within(() => reconcileNow(client, run)),
    close: calls.close,
  };
}

/** An order may be over, and its driver with it, before it is asked: then its last word. */
async function replaceUnlessOver(
  driver: WorkflowHandle,
  request: ReplaceRequest,
): Promise<ReplaceAnswer> {
  try {
    return await driver.executeUpdate(replaceOrder, { args: [request] });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const view = await driver.query(orderView);
    if (view === null || !isClosed(view.state)) throw error;
    const { state } = view;
    const message = `the order is ${state} already`;
    return { outcome: 'already_closed', message, state, replacement: null };
  }
}

/**
 * Starts the order's workflow and waits for the broker's answer, our denial, or that nobody can
 * tell.
 */
async function submit(client: Client, run: RunRecord, order: ManualOrder): Promise<OrderView> {
  const intent = intentOf(run, order, await marketTimeOf(run));
  const { clientOrderId: correlationId } = intent;
  const pollIntervalMs = POLL_INTERVAL_MS;
  const input = { intent, correlationId, isResumed: false, pollIntervalMs };
  return startAndAwaitAnswer({ client, mode: run.mode }, input);
}

function intentOf(run: RunRecord, order: ManualOrder, decidedAtMs: EpochMs): OrderIntent {
  const clientOrderId = parseClientOrderId(order.clientOrderId);
  assert(
    clientOrderId !== null,
    `expected a checked client order id, found ${order.clientOrderId}`,
  );
  return {
    ...order,
    account: run.account,
    clientOrderId,
    strategy: MANUAL_STRATEGY,
    leg: 'manual',
    purpose: order.orderClass === 'oco' ? 'exit' : 'entry',
    decidedAtMs,
    validUntilMs: epochMs(decidedAtMs + INTENT_VALID_MS),
    decisionPrice: order.limitPrice,
    reason: 'placed by hand',
  };
}

async function reconcileNow(client: Client, run: RunRecord): Promise<ReconciliationResult> {
  const { account } = run;
  return client.workflow.execute(RECONCILIATION_WORKFLOW, {
    workflowId: `reconciliation/${account}/by-hand/${Date.now()}`,
    taskQueue: brokerQueue(account),
    args: [{ account, trigger: 'by hand' }],
  });
}

/** Whether the failure says that no such workflow runs. */
export function isNoWorkflow(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError;
}
