import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import { applyUpdates } from '../../../activities/stream/apply-updates.js';
import { runTradeUpdates } from '../../../activities/stream/run-trade-updates.js';
import { applyEvidence } from '../../../activities/order/apply-evidence.js';
import { activityEvidence } from '../../../activities/order/evidence.js';
import type { FillActivity, TradeUpdate } from '../../../adapters/broker/port.js';
import { assert } from '../../../domain/values/index.js';
import { ACCOUNT, type TestWorld } from '../../support/test-world.js';
import { ORDER_ID } from './order-of-test.js';

/** Books frames as the stream would, in one batch of the epoch that is in force. */
export async function applyAll(
  { world }: TestWorld,
  updates: readonly TradeUpdate[],
): ReturnType<typeof applyUpdates> {
  const stream = await world.reader.streamState.get();
  assert(stream !== null, 'expected a stream state in the books');
  return applyUpdates(world, stream.streamEpoch, updates);
}

/** Books frames and repairs what they do not explain, as the stream does. */
export async function hear(test: TestWorld, updates: readonly TradeUpdate[]): Promise<void> {
  const { toRepair } = await applyAll(test, updates);
  for (const brokerOrderId of new Set(toRepair.map(({ order }) => order.brokerOrderId))) {
    const shown = await test.broker.orderById(brokerOrderId);
    if (shown !== null) await repairShown(test.world, shown, 'stream');
  }
}

/** Books one line of the broker's list of executions, by itself. */
export async function hearActivity(test: TestWorld, activity: FillActivity): Promise<void> {
  const { world } = test;
  const evidence = activityEvidence(activity, ORDER_ID, world.marketClock.nowMs());
  await world.books.transaction(ACCOUNT, (transaction) =>
    applyEvidence(transaction, world, evidence),
  );
}

/** Waits for something that other code of this process will make true. */
export async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (let looks = 0; !(await isTrue()); looks += 1) {
    if (looks > 5_000) throw new Error('expected it to become true by now');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs the stream's activity beside an action; then closes the stream and awaits its end. */
export async function runStreamOnce(
  test: TestWorld,
  action: () => Promise<void>,
): Promise<{ readonly ended: unknown; readonly heartbeats: readonly string[] }> {
  const heartbeats: string[] = [];
  const attempt = new AbortController();
  const ended = runTradeUpdates(test.world, {
    signal: attempt.signal,
    heartbeat: (details) => heartbeats.push(details),
  }).catch((error: unknown) => error);
  await until(() => heartbeats.length > 0);
  await action();
  test.broker.closeStream('the test is over');
  return { ended: await ended, heartbeats };
}
