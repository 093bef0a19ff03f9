import { applyUpdates } from '../../../activities/stream/apply-updates.js';
import { runTradeUpdates } from '../../../activities/stream/run-trade-updates.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { assert } from '../../../domain/values/index.js';
import type { TestWorld } from '../../support/test-world.js';

/** Books frames as the stream would, in one batch of the epoch that is in force. */
export async function applyAll(
  { world }: TestWorld,
  updates: readonly TradeUpdate[],
): ReturnType<typeof applyUpdates> {
  const stream = await world.reader.streamState.get();
  assert(stream !== null, 'expected a stream state in the books');
  return applyUpdates(world, stream.streamEpoch, updates);
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
