import { expect, it } from 'vitest';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { persistFinalState } from '../../../activities/lifecycle/shutdown-steps.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import type { World } from '../../../activities/world.js';
import { openStack } from '../../../workers/resource-stack.js';
import type { ShutdownReport } from '../../../workers/start-options.js';
import { createStopper } from '../../../workers/stop.js';
import type { ShutdownResult } from '../../../workflows/contract/lifecycle.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID } from '../activities/order-of-test.js';
import { optionsOf, scriptedTemporal, type ScriptedTemporal, standing } from './run-of-test.js';

const STOPPED: ShutdownResult = {
  outcome: 'stopped',
  ordersLeft: [],
  steps: [{ name: 'final state', outcome: 'done', message: 'stopped in order' }],
};

/** What a shutdown workflow fails with whose activity got no answer of the broker. */
function unanswered(): WorkflowFailedError {
  const cause = ApplicationFailure.create({ message: 'openOrders did not answer' });
  const activity = new ActivityFailure(
    'Activity task failed',
    'settleOrders',
    '7',
    RetryState.MAXIMUM_ATTEMPTS_REACHED,
    'worker',
    cause,
  );
  return new WorkflowFailedError('Workflow failed', activity, RetryState.IN_PROGRESS);
}

interface Stopped {
  readonly report: ShutdownReport;
  /** The last word in the books: state and message. */
  readonly last: readonly (string | undefined)[];
  readonly closed: readonly string[];
}

interface Circumstance {
  readonly temporal: ScriptedTemporal;
  readonly inWorld?: (world: World) => World;
  readonly close?: () => Promise<void>;
  readonly isLeaseLost?: boolean;
}

/** Stops a run with an order that works, and hears how whoever awaits its end hears it. */
async function stop({ temporal, inWorld, close, isLeaseLost }: Circumstance): Promise<Stopped> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf());
  if (isLeaseLost) test.loseLease();
  const world = standing(test);
  const stack = openStack();
  const closed: string[] = [];
  stack.add('database', async () => void closed.push('database'));
  stack.add('workers', close ?? (async () => void closed.push('workers')));
  const stopper = createStopper({
    client: temporal.client,
    world: inWorld?.(world) ?? world,
    options: optionsOf([]),
    stack,
    sessions: { first: Promise.resolve(null), isOver: () => false, stop: async () => undefined },
    simulated: null,
  });
  await expect(stopper.stop('SIGINT')).resolves.toHaveProperty('outcome');
  const report = await stopper.stopped;
  const system = await test.world.reader.systemState.get();
  return { report, last: [system?.state, system?.message], closed };
}

it('in order → the last word of the workflow, everything closed', async () => {
  const temporal = scriptedTemporal(async () => STOPPED);
  const { report, closed } = await stop({ temporal });
  expect(temporal.started).toEqual([`shutdown/${ACCOUNT}/${BOOT_EPOCH}`]);
  expect(report).toEqual({ outcome: 'stopped', ordersLeft: [], message: 'stopped in order' });
  expect(closed).toEqual(['workers', 'database']);
});

it('the workflow fails → told with why and what to do, orders named, all closed', async () => {
  const temporal = scriptedTemporal(async () => {
    throw unanswered();
  });
  const { report, last, closed } = await stop({ temporal });
  const message = `shutdown: openOrders did not answer; stopped with live orders: ${ORDER_ID}`;
  expect(report).toEqual({
    outcome: 'failed',
    ordersLeft: [ORDER_ID],
    message: expect.stringMatching(new RegExp(`^${message}; .*npx ordinis halt`)),
  });
  expect(last).toEqual(['stopped_unsettled', message]);
  expect(closed).toEqual(['workers', 'database']);
});

it('Temporal is out of reach → told, orders named, all closed', async () => {
  const temporal = scriptedTemporal(async () => STOPPED);
  temporal.refusal = new Error('no connection');
  const { report, closed } = await stop({ temporal });
  expect(report).toMatchObject({ outcome: 'failed', ordersLeft: [ORDER_ID] });
  expect(report.message).toContain('no connection');
  expect(closed).toEqual(['workers', 'database']);
});

it('the workflow never ends → told after its time, orders named, all closed', async () => {
  const sleeps: number[] = [];
  const inWorld = (world: World): World => {
    const sleep = async (ms: number): Promise<void> => void sleeps.push(ms);
    return { ...world, wallClock: { ...world.wallClock, sleep } };
  };
  const temporal = scriptedTemporal(() => new Promise(() => undefined));
  const { report, last, closed } = await stop({ temporal, inWorld });
  expect(sleeps).toEqual([30_000]);
  expect(report).toMatchObject({ outcome: 'timed_out', ordersLeft: [ORDER_ID] });
  expect(report.message).toContain('npx ordinis halt');
  const message = `shutdown: it took too long; stopped with live orders: ${ORDER_ID}`;
  expect(last).toEqual(['stopped_unsettled', message]);
  expect(closed).toEqual(['workers', 'database']);
});

it('the lock is another process’s by then → told, and its books are left alone', async () => {
  const temporal = scriptedTemporal(async () => {
    throw unanswered();
  });
  const { report, last } = await stop({ temporal, isLeaseLost: true });
  expect(report).toMatchObject({ outcome: 'failed', ordersLeft: [ORDER_ID] });
  expect(report.message).toMatch(/^shutdown: openOrders did not answer; .*another process/);
  expect(last).toEqual(['running', 'trading']);
});

it('what fails comes after the last word → the end that the books tell', async () => {
  let persist: () => Promise<unknown> = async () => null;
  const inWorld = (world: World): World => {
    persist = () => persistFinalState(world, []);
    return world;
  };
  const temporal = scriptedTemporal(async () => {
    await persist();
    throw unanswered();
  });
  const { report, last } = await stop({ temporal, inWorld });
  expect(report).toEqual({ outcome: 'stopped', ordersLeft: [], message: 'stopped in order' });
  expect(last).toEqual(['stopped', 'stopped in order']);
});

it('the books cannot be read either → told all the same', async () => {
  const temporal = scriptedTemporal(async () => {
    throw unanswered();
  });
  const inWorld = (world: World): World => {
    const inStates = async (): Promise<never> => {
      throw new Error('the disk is full');
    };
    const orders = { ...world.reader.orders, inStates };
    return { ...world, reader: { ...world.reader, orders } };
  };
  const { report, closed } = await stop({ temporal, inWorld });
  expect(report).toMatchObject({ outcome: 'failed', ordersLeft: [] });
  expect(report.message).toMatch(/openOrders did not answer; .*the disk is full/);
  expect(closed).toEqual(['workers', 'database']);
});

it('a part that does not close → told, and the others are closed', async () => {
  const temporal = scriptedTemporal(async () => STOPPED);
  const close = async (): Promise<void> => {
    throw new Error('it hangs');
  };
  const { report, closed } = await stop({ temporal, close });
  expect(report).toMatchObject({ outcome: 'failed', ordersLeft: [] });
  expect(report.message).toMatch(/^stopped in order; expected to close all, .*it hangs; start/);
  expect(closed).toEqual(['database']);
});
