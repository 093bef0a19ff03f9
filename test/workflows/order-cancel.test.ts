import '../simulator/temporal/workflow-globals.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { viewOf } from '../../activities/order/order-view.js';
import { cancelOrder, orderChanged } from '../../workflows/contract/index.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { ACCOUNT, openTestWorld } from '../support/test-world.js';
import { ORDER_ID, rowOf, standingOf } from '../unit/activities/order-of-test.js';
import { applyAll } from '../unit/activities/stream-of-test.js';
import { DRIVER, startIn } from './start-driver.js';

/** Longer than any of these tests: nothing is found by a poll. */
const NO_POLL_MS = 600_000;
const REQUEST = { requestedBy: 'alice', reason: 'changed her mind' };

let theatre: ReturnType<typeof openSimulatedTheatre>;

beforeEach(async () => {
  theatre = openSimulatedTheatre(await openTestWorld());
});

afterEach(() => theatre.close());

async function hasEnded(): Promise<boolean> {
  return (await theatre.decisionsOf(DRIVER)).some((line) => line.startsWith('completed'));
}

function submits(): number {
  return theatre.test.broker.calls.filter((call) => call === 'submitOrder').length;
}

async function become(state: 'starting' | 'running'): Promise<void> {
  await theatre.test.books.transaction(ACCOUNT, async ({ systemState }) => {
    const system = await systemState.get();
    if (system !== null) await systemState.set({ ...system, state });
  });
}

/** How long the broker takes to answer, in the theatre's virtual time: nothing waits for it. */
const ANSWER_MS = 300;

it('an order that waits for its admission → ended by its cancel, and never sent', async () => {
  await become('starting');
  await startIn(theatre, NO_POLL_MS);
  const answer = await theatre.update(DRIVER, cancelOrder.name, REQUEST);
  expect(answer).toMatchObject({ outcome: 'never_sent', state: 'denied' });
  await become('running');
  await theatre.until(hasEnded);
  expect(await standingOf(theatre.test)).toBe('denied 0');
  expect(submits()).toBe(0);
});

it('asked while the order is sent → answered with its answer, and canceled', async () => {
  theatre.test.broker.beforeAnswer = (call) => {
    if (call === 'submitOrder') return new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  };
  await startIn(theatre, NO_POLL_MS);
  await theatre.until(async () => submits() === 1);
  const answer = await theatre.update(DRIVER, cancelOrder.name, REQUEST);
  expect(answer).toMatchObject({ outcome: 'requested', state: 'canceled' });
});

it('an order that nobody can find → not sent again after its cancel', async () => {
  theatre.test.broker.submits.push('drop_before');
  await startIn(theatre, NO_POLL_MS);
  await theatre.until(async () => submits() === 1);
  const answer = await theatre.update(DRIVER, cancelOrder.name, REQUEST);
  expect(answer).toMatchObject({ outcome: 'unknown', state: 'unknown' });
  const lookups = async (): Promise<number> =>
    (await theatre.decisionsOf(DRIVER)).filter((line) => line.includes('resendOrder')).length;
  await theatre.until(async () => (await lookups()) >= 2);
  expect(submits()).toBe(1);
});

it('found by a frame after its cancel → canceled without waiting for a poll', async () => {
  const { broker } = theatre.test;
  broker.isLagging = true;
  broker.submits.push('execute_then_drop');
  await startIn(theatre, NO_POLL_MS);
  await theatre.until(async () => submits() === 1);
  await theatre.update(DRIVER, cancelOrder.name, REQUEST);
  expect(broker.calls).not.toContain('cancelOrder');
  broker.isLagging = false;
  await applyAll(theatre.test, [broker.become(ORDER_ID, 'new')]);
  await theatre.signal(DRIVER, orderChanged.name, viewOf(await rowOf(theatre.test)));
  await theatre.until(async () => broker.calls.includes('cancelOrder'));
  expect(broker.snapshot(ORDER_ID).status).toBe('canceled');
});
