import { expect, it } from 'vitest';
import { createLifecycleActivities } from '../../../activities/lifecycle/lifecycle.activities.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { advanceTurn } from '../../../activities/turn/advance-turn.js';
import type { WallClock, World } from '../../../activities/world.js';
import { assert } from '../../../domain/values/index.js';
import { openStack } from '../../../workers/resource-stack.js';
import type { ShutdownReport } from '../../../workers/start-options.js';
import { createStopper } from '../../../workers/stop.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import type { ShutdownInput, ShutdownResult } from '../../../workflows/contract/lifecycle.js';
import type { TestWorld } from '../../support/test-world.js';
import { applyAll } from '../activities/stream-of-test.js';
import { decideTurn, heldUnderStop } from '../activities/turn-of-test.js';
import { optionsOf, scriptedTemporal } from './run-of-test.js';

const BARE = 'without protection in the middle of SPY long to short';
const TOLD = 'SPY long to short: shut down while the position is without its protection';

/** A turn that has taken the stop away, and whose exit nobody can prove. */
async function bareAndUnknown(): Promise<{ readonly test: TestWorld; readonly exitId: string }> {
  const test = await heldUnderStop();
  const turnId = await decideTurn(test);
  const known = test.broker.updates.length;
  await advanceTurn(test.world, turnId);
  await applyAll(test, test.broker.updates.slice(known));
  await advanceTurn(test.world, turnId);
  const asked = await test.world.reader.outbox.undelivered(100);
  const orders = asked.flatMap(({ kind, payload }): OrderInput[] =>
    kind === 'start_order' ? [JSON.parse(payload)] : [],
  );
  test.broker.submits.push('drop_before');
  const exit = orders.find(({ intent }) => intent.leg === 'turn-exit');
  assert(exit !== undefined, 'expected the turn to ask for its exit');
  expect((await placeOrder(test.world, exit)).state).toBe('unknown');
  return { test, exitId: exit.intent.clientOrderId };
}

/** Time goes on with each pause; a wait that can be ended ends when its time has come. */
function clockOfPauses(test: TestWorld): WallClock {
  const waits: { readonly dueMs: number; readonly end: () => void }[] = [];
  const { wallClock } = test.world;
  return {
    ...wallClock,
    sleep: async (ms, signal) => {
      if (signal !== undefined) {
        const dueMs = test.wallNowMs() + ms;
        return new Promise((end) => waits.push({ dueMs, end }));
      }
      await wallClock.sleep(ms);
      for (const { dueMs, end } of waits) if (dueMs <= test.wallNowMs()) end();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** What becomes of the shutdown workflow, as long as there are Workers. */
type Play = (
  world: World,
  input: ShutdownInput,
  areWorkersClosed: () => boolean,
) => Promise<ShutdownResult>;

const toItsEnd: Play = async (world, input, areWorkersClosed) => {
  const activities = createLifecycleActivities(world);
  const steps = [await activities.refuseNewOrders(input)];
  const ordersLeft = await activities.settleOrders(input);
  if (areWorkersClosed()) return never();
  steps.push(await activities.persistFinalState(input, ordersLeft));
  return { outcome: 'orders_left', ordersLeft, steps };
};

const hanging: Play = async ({ wallClock }) => {
  await wallClock.sleep(30_000);
  return never();
};

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function shutDown(test: TestWorld, play: Play): Promise<ShutdownReport> {
  const world = { ...test.world, wallClock: clockOfPauses(test) };
  const stack = openStack();
  let areClosed = false;
  stack.add('workers', async () => {
    areClosed = true;
  });
  const temporal = scriptedTemporal((_id, input) => {
    assert(input !== undefined && 'deadlineAtMs' in input, 'expected a shutdown');
    return play(world, input, () => areClosed);
  });
  const stopper = createStopper({
    client: temporal.client,
    world,
    options: optionsOf([]),
    stack,
    sessions: { first: Promise.resolve(null), isOver: () => false, stop: async () => undefined },
    simulated: null,
  });
  return stopper.stop('SIGINT');
}

async function lastOf({ world }: TestWorld): Promise<readonly (string | undefined)[]> {
  const system = await world.reader.systemState.get();
  return [system?.state, system?.message];
}

async function criticalOf({ world }: TestWorld): Promise<readonly string[]> {
  const alerts = await world.reader.alerts.recent(50);
  return alerts.filter(({ severity }) => severity === 'critical').map(({ title }) => title);
}

it('a shutdown that leaves something → says so in the time that it has', async () => {
  const { test, exitId } = await bareAndUnknown();
  const startedAtMs = test.wallNowMs();
  const message = `stopped with live orders: ${exitId}; ${BARE}`;
  expect(await shutDown(test, toItsEnd)).toEqual({
    outcome: 'orders_left',
    ordersLeft: [exitId],
    message,
  });
  expect(test.wallNowMs() - startedAtMs).toBeLessThan(30_000);
  expect(await lastOf(test)).toEqual(['stopped_unsettled', message]);
  expect(await criticalOf(test)).toEqual([TOLD]);
});

it('a shutdown that takes too long → the same is said without it', async () => {
  const { test, exitId } = await bareAndUnknown();
  const report = await shutDown(test, hanging);
  const message = `shutdown: it took too long; stopped with live orders: ${exitId}; ${BARE}`;
  expect(report).toMatchObject({ outcome: 'timed_out', ordersLeft: [exitId] });
  expect(report.message).toContain(message);
  expect(await lastOf(test)).toEqual(['stopped_unsettled', message]);
  expect(await criticalOf(test)).toEqual([TOLD]);
});
