import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Drivers } from '../activities/world.js';
import {
  brokerQueue,
  haltEngaged,
  KILL_SWITCH_WORKFLOW,
  type KillSwitchInput,
  killSwitchWorkflowId,
  orderQueue,
  ORDER_WORKFLOW,
  type OrderInput,
  orderChanged,
  orderWorkflowId,
  reconciliationOnDemandId,
  safetyQueue,
  TURN_WORKFLOW,
  type TurnInput,
  tradeUpdatesWorkflowId,
  turnChanged,
  turnWorkflowId,
} from '../workflows/contract/index.js';
import {
  RECONCILIATION_WORKFLOW,
  TRADE_UPDATES_WORKFLOW,
} from '../workflows/contract/lifecycle.js';
import { ensureSchedules, pauseSchedules } from './account-schedules.js';
import { orderStart } from './order-start.js';
import { turnAttributes } from './search-attributes.js';

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
        signal: haltEngaged,
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
      await Promise.all([stream, ensureSchedules(client, account)]);
    },
    pauseSchedules: () => pauseSchedules(client, account),
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
      typedSearchAttributes: turnAttributes(input, mode),
    });
  } catch (error) {
    // It ran to its end: the books hold what it would do again.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw error;
  }
}
