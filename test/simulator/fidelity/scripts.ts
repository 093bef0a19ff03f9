import {
  cancelOrder,
  haltEngaged,
  ORDER_WORKFLOW,
  orderChanged,
  orderQueue,
  orderWorkflowId,
} from '../../../workflows/contract/index.js';
import { viewOf } from '../../../activities/order/order-view.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT } from '../../support/test-world.js';
import { inputOf, ORDER_ID } from '../../unit/activities/order-of-test.js';
import { KILL_SWITCH, startKillSwitch } from './kill-switch.js';
import type { Theatre } from './theatre.js';

const ORDER = orderWorkflowId(ACCOUNT, ORDER_ID);
const POLL_MS = 300;
/** Where a script tells the driver itself, no poll comes in between on a slow machine. */
const NO_POLL_MS = 60_000;

/** A script: what happens, and which workflow's decisions are looked at. */
export interface Script {
  readonly name: string;
  readonly workflowId: string;
  /** Of a workflow that goes on for ever, only so many decisions are compared. */
  readonly decisionsMax?: number;
  readonly play: (theatre: Theatre) => Promise<void>;
}

type Change = Parameters<typeof inputOf>[0];

function startOrder(
  { start }: Theatre,
  change: Change = {},
  pollIntervalMs = POLL_MS,
): Promise<void> {
  return start({
    workflowType: ORDER_WORKFLOW,
    workflowId: ORDER,
    taskQueue: orderQueue(ACCOUNT),
    input: { ...inputOf(change), pollIntervalMs },
  });
}

async function stateOf({ test }: Theatre): Promise<string> {
  const row = await test.world.reader.orders.byClientOrderId(ORDER_ID);
  return row?.order.progress.state ?? 'none';
}

function untilState(theatre: Theatre, state: string): Promise<void> {
  return theatre.until(async () => (await stateOf(theatre)) === state);
}

async function untilDecided(theatre: Theatre, end: string): Promise<void> {
  await theatre.until(async () =>
    (await theatre.decisionsOf(ORDER)).some((line) => line.startsWith(end)),
  );
}

async function tellDriver(theatre: Theatre): Promise<void> {
  const row = await theatre.test.world.reader.orders.byClientOrderId(ORDER_ID);
  if (row !== null) await theatre.signal(ORDER, orderChanged.name, viewOf(row));
}

export const SCRIPTS: readonly Script[] = [
  {
    name: 'filled while nobody tells: the poll finds it',
    workflowId: ORDER,
    play: async (theatre) => {
      await startOrder(theatre);
      await untilState(theatre, 'accepted');
      theatre.test.broker.fill(ORDER_ID, 100, 145);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'rests, is canceled by an update, and its driver is told',
    workflowId: ORDER,
    play: async (theatre) => {
      await startOrder(theatre, {}, NO_POLL_MS);
      await untilDecided(theatre, 'timer');
      const request = { requestedBy: 'trader', reason: 'test' };
      await theatre.update(ORDER, cancelOrder.name, request);
      await tellDriver(theatre);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'the answer is lost: a lookup finds the order',
    workflowId: ORDER,
    play: async (theatre) => {
      theatre.test.broker.submits.push('execute_then_drop');
      await startOrder(theatre);
      await untilState(theatre, 'accepted');
      theatre.test.broker.fill(ORDER_ID, 100, 145);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'the request is lost: sent again under the same id',
    workflowId: ORDER,
    play: async (theatre) => {
      theatre.test.broker.submits.push('drop_before');
      await startOrder(theatre);
      await untilState(theatre, 'accepted');
      theatre.test.broker.fill(ORDER_ID, 100, 145);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'refused by the broker',
    workflowId: ORDER,
    play: async (theatre) => {
      theatre.test.broker.submits.push('refuse');
      await startOrder(theatre);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'denied by our own rules',
    workflowId: ORDER,
    play: async (theatre) => {
      await startOrder(theatre, { quantity: wholeUnits(100_000) });
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'an update without a name is rejected and leaves nothing',
    workflowId: ORDER,
    play: async (theatre) => {
      await startOrder(theatre, {}, POLL_MS * 10);
      await untilDecided(theatre, 'timer');
      await theatre.update(ORDER, cancelOrder.name, { requestedBy: '', reason: '' });
      theatre.test.broker.fill(ORDER_ID, 100, 145);
      await untilDecided(theatre, 'completed');
    },
  },
  {
    name: 'halted: engaged, and verified until complete',
    workflowId: KILL_SWITCH,
    decisionsMax: 5,
    play: async (theatre) => {
      await startKillSwitch(theatre);
      await theatre.until(async () => (await theatre.decisionsOf(KILL_SWITCH)).length >= 2);
      const metadata = { causeId: 'cause-1' };
      const request = { reason: 'manual', message: 'test', triggeredBy: 'trader', metadata };
      await theatre.signal(KILL_SWITCH, haltEngaged.name, {
        ...request,
        cancel: 'keep-protection',
      });
      await theatre.until(async () => (await theatre.decisionsOf(KILL_SWITCH)).length >= 5);
    },
  },
];
