import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { Drivers } from '../activities/world.js';
import type { OrderIntent } from '../domain/order/index.js';
import { formatPrice, formatQuantity, formatUsd, notionalRounded } from '../domain/values/index.js';
import {
  backupScheduleId,
  brokerQueue,
  halt,
  KILL_SWITCH_WORKFLOW,
  type KillSwitchInput,
  killSwitchWorkflowId,
  orderQueue,
  ORDER_WORKFLOW,
  type OrderInput,
  orderChanged,
  orderWorkflowId,
  reconciliationOnDemandId,
  reconciliationScheduleId,
  safetyQueue,
  TURN_WORKFLOW,
  type TurnInput,
  tradeUpdatesWorkflowId,
  turnChanged,
  turnWorkflowId,
} from '../workflows/contract/index.js';
import {
  BACKUP_WORKFLOW,
  RECONCILIATION_WORKFLOW,
  TRADE_UPDATES_WORKFLOW,
} from '../workflows/contract/lifecycle.js';

const RECONCILE_EVERY = '60s';

interface DriverOptions {
  readonly client: Client;
  readonly account: string;
  readonly mode: string;
  /**
   * Whether the client shares the Workers' connection: then the first task comes with the start.
   */
  readonly isInWorkerProcess: boolean;
}

/**
 * The drivers of one account over a Temporal client. Every id is derived, so that a repeat finds
 * what is there.
 */
export function openTemporalDrivers(options: DriverOptions): Drivers {
  const { client, account } = options;
  return {
    running: () => runningDrivers(client, account),
    startOrder: (input) => startOrder(options, input),
    signalOrder: (view) => {
      const handle = client.workflow.getHandle(orderWorkflowId(account, view.clientOrderId));
      return deliver(() => handle.signal(orderChanged, view));
    },
    startTurn: (input) => startTurn(options, input),
    signalTurn: (turnId) => {
      const handle = client.workflow.getHandle(turnWorkflowId(account, turnId));
      return deliver(() => handle.signal(turnChanged));
    },
    signalHalt: async (request) => {
      await client.workflow.signalWithStart(KILL_SWITCH_WORKFLOW, {
        ...killSwitchStart(account),
        signal: halt,
        signalArgs: [request],
      });
    },
    requestReconciliation: async (trigger) => {
      await client.workflow.start(RECONCILIATION_WORKFLOW, {
        workflowId: reconciliationOnDemandId(account),
        taskQueue: brokerQueue(account),
        args: [{ account, trigger }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: trigger,
      });
    },
    ensureEntities: async () => {
      await client.workflow.start(KILL_SWITCH_WORKFLOW, {
        ...killSwitchStart(account),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      const stream = client.workflow.start(TRADE_UPDATES_WORKFLOW, {
        workflowId: tradeUpdatesWorkflowId(account),
        taskQueue: brokerQueue(account),
        args: [{ account }],
        // The attempt of a dead process would hold the stream until its heartbeat is missed: a
        // start takes it over.
        workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        staticSummary: `broker trade updates of ${account}`,
      });
      const schedules = [reconciliationSchedule(account), backupSchedule(account)];
      await Promise.all([stream, ...schedules.map((wish) => ensureSchedule(client, wish))]);
    },
    pauseSchedules: async () => {
      for (const scheduleId of [reconciliationScheduleId(account), backupScheduleId(account)]) {
        await client.schedule.getHandle(scheduleId).pause('shutting down');
      }
    },
  };
}

async function runningDrivers(client: Client, account: string): Promise<ReadonlySet<string>> {
  const types = `WorkflowType IN ("${ORDER_WORKFLOW}", "${TURN_WORKFLOW}")`;
  const query = `${types} AND OrdAccount = "${account}" AND ExecutionStatus = "Running"`;
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query })) ids.add(workflowId);
  return ids;
}

/** `closed`: there is no workflow that could be told. */
async function deliver(signal: () => Promise<void>): Promise<'delivered' | 'closed'> {
  try {
    await signal();
    return 'delivered';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'closed';
    throw error;
  }
}

function killSwitchStart(account: string): {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [KillSwitchInput];
  readonly staticSummary: string;
} {
  return {
    workflowId: killSwitchWorkflowId(account),
    taskQueue: safetyQueue(account),
    args: [{ account, arrived: [] }],
    staticSummary: `kill switch of ${account}`,
  };
}

/** How the driver of an order is started, whoever starts it. */
export function orderStart(input: OrderInput, mode: string) {
  const { intent } = input;
  return {
    workflowId: orderWorkflowId(intent.account, intent.clientOrderId),
    taskQueue: orderQueue(intent.account),
    args: [input],
    // An order that the broker has reopened needs a second driver, though the first has ended.
    workflowIdReusePolicy: input.isResumed ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: summaryOf(intent),
    staticDetails: `${intent.reason} (${intent.strategy})`,
    typedSearchAttributes: searchAttributesOf(intent, mode),
  } as const;
}

async function startOrder(options: DriverOptions, input: OrderInput): Promise<void> {
  const { client, mode, isInWorkerProcess: requestEagerStart } = options;
  const { args, ...start } = orderStart(input, mode);
  try {
    await client.workflow.start(ORDER_WORKFLOW, { ...start, args: [...args], requestEagerStart });
  } catch (error) {
    // It ran to its end: the books hold what it would do again.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw error;
  }
}

async function startTurn({ client, mode }: DriverOptions, input: TurnInput): Promise<void> {
  const { account, turnId } = input;
  try {
    await client.workflow.start(TURN_WORKFLOW, {
      workflowId: turnWorkflowId(account, turnId),
      taskQueue: orderQueue(account),
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: input.summary,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: KEYS.account, value: account },
        { key: KEYS.symbol, value: input.symbol },
        { key: KEYS.strategy, value: input.strategy },
        { key: KEYS.status, value: 'planned' },
        { key: KEYS.mode, value: mode },
        { key: KEYS.needsAttention, value: false },
      ]),
    });
  } catch (error) {
    // It ran to its end: the books hold what it would do again.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw error;
  }
}

/** `BUY 100 SPY limit 145.2 day`: what a person reads first. */
export function summaryOf(intent: OrderIntent): string {
  const prices = [intent.stopPrice, intent.limitPrice]
    .filter((value) => value !== null)
    .map((value) => formatPrice(value));
  const parts = [
    intent.side.toUpperCase(),
    intent.amount === null ? formatQuantity(intent.quantity) : `${formatUsd(intent.amount)} USD of`,
    intent.symbol,
    intent.type,
    ...prices,
    intent.timeInForce,
    ...exitsOf(intent),
  ];
  return parts.join(' ');
}

/** `bracket profit 150 stop 140`; of a leg `stop of a bracket`. */
function exitsOf(intent: OrderIntent): readonly string[] {
  const { orderClass, takeProfit, stopLoss, leg } = intent;
  if (orderClass === 'simple') return [];
  if (takeProfit === null && stopLoss === null) return [`(${leg} of ${orderClass})`];
  const limit = stopLoss?.limitPrice ?? null;
  return [
    orderClass,
    ...(takeProfit === null ? [] : ['profit', formatPrice(takeProfit)]),
    ...(stopLoss === null ? [] : ['stop', formatPrice(stopLoss.stopPrice)]),
    ...(limit === null ? [] : ['limit', formatPrice(limit)]),
  ];
}

const KEYS = {
  account: defineSearchAttributeKey('OrdAccount', 'KEYWORD'),
  symbol: defineSearchAttributeKey('OrdSymbol', 'KEYWORD'),
  side: defineSearchAttributeKey('OrdSide', 'KEYWORD'),
  status: defineSearchAttributeKey('OrdStatus', 'KEYWORD'),
  strategy: defineSearchAttributeKey('OrdStrategy', 'KEYWORD'),
  mode: defineSearchAttributeKey('OrdMode', 'KEYWORD'),
  needsAttention: defineSearchAttributeKey('OrdNeedsAttention', 'BOOL'),
  notional: defineSearchAttributeKey('OrdNotional', 'DOUBLE'),
  filledQuantity: defineSearchAttributeKey('OrdFilledQuantity', 'DOUBLE'),
};

function searchAttributesOf(intent: OrderIntent, mode: string): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: KEYS.account, value: intent.account },
    { key: KEYS.symbol, value: intent.symbol },
    { key: KEYS.side, value: intent.side },
    { key: KEYS.status, value: 'created' },
    { key: KEYS.strategy, value: intent.strategy },
    { key: KEYS.mode, value: mode },
    { key: KEYS.needsAttention, value: false },
    { key: KEYS.filledQuantity, value: 0 },
    ...notionalOf(intent),
  ]);
}

/** For people who search; nothing is ever computed with it. None where no price was known. */
function notionalOf({ quantity, amount, limitPrice, stopPrice, decisionPrice }: OrderIntent) {
  if (amount !== null) return [{ key: KEYS.notional, value: Number(formatUsd(amount)) }];
  const unitPrice = limitPrice ?? stopPrice ?? decisionPrice;
  if (unitPrice === null) return [];
  return [{ key: KEYS.notional, value: Number(formatUsd(notionalRounded(unitPrice, quantity))) }];
}

/** Every minute, with a small window to catch up: a comparison of the past is worth nothing. */
function reconciliationSchedule(account: string): ScheduleOptions {
  const scheduleId = reconciliationScheduleId(account);
  return {
    scheduleId,
    spec: { intervals: [{ every: RECONCILE_EVERY, offset: '7s' }] },
    policies: {
      overlap: ScheduleOverlapPolicy.BUFFER_ONE,
      catchupWindow: '1m',
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILIATION_WORKFLOW,
      workflowId: `${scheduleId}/scheduled`,
      taskQueue: brokerQueue(account),
      args: [{ account, trigger: 'schedule' }],
      workflowExecutionTimeout: '50s',
    },
  };
}

/** Daily; one that was missed while nothing ran is made up for once. */
function backupSchedule(account: string): ScheduleOptions {
  const scheduleId = backupScheduleId(account);
  return {
    scheduleId,
    spec: { intervals: [{ every: '1 day', offset: '5h' }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    action: {
      type: 'startWorkflow',
      workflowType: BACKUP_WORKFLOW,
      workflowId: `${scheduleId}/daily`,
      taskQueue: brokerQueue(account),
      args: [{ account }],
      workflowExecutionTimeout: '1 hour',
    },
  };
}

async function ensureSchedule(client: Client, schedule: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(schedule.scheduleId).unpause('running again');
  }
}
