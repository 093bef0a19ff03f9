import { isClosed } from '../../domain/order/index.js';
import { marketIntent, orderInput } from '../orders/lanes.js';
import { untilAllCompleted, untilFilled } from '../orders/flights.js';
import { type BenchStack, refreshMarket } from '../orders/stack.js';
import { wallInstantMs } from '../orders/wall-instant.js';
import type { PhaseWish, Recovered } from './phases.js';
import { TRADED_SYMBOL } from './resting-orders.js';

/** What a start after a kill finds: it is asked for a new order, then everything ends at once. */
export async function recoverAccount(
  stack: BenchStack,
  { startedWallMs, orders }: Pick<PhaseWish, 'startedWallMs' | 'orders'>,
): Promise<Recovered> {
  const since = (): number => wallInstantMs() - startedWallMs;
  const runningMs = since();
  tell('running; a new order');
  await fillOne(stack);
  const firstFillMs = since();
  tell('all orders are canceled');
  const booked = untilClosed(stack, orders);
  const canceledAtMs = performance.now();
  await stack.world.broker.cancelAllOrders();
  const cancelAnsweredMs = performance.now() - canceledAtMs;
  await booked;
  tell('booked; waiting for the workflows');
  const cancelBookedMs = performance.now() - canceledAtMs;
  await untilAllCompleted(stack);
  const cancelHandledMs = performance.now() - canceledAtMs;
  return {
    phase: 'recover',
    runningMs,
    firstFillMs,
    cancelAnsweredMs,
    cancelBookedMs,
    cancelHandledMs,
  };
}

function tell(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function fillOne(stack: BenchStack): Promise<void> {
  const { world } = stack;
  await refreshMarket(world, [TRADED_SYMBOL]);
  const intent = marketIntent(world, { symbol: TRADED_SYMBOL, side: 'buy', leg: 'first' });
  const filled = untilFilled(stack, intent.clientOrderId);
  await world.drivers.startOrder(orderInput(world, intent));
  await filled;
}

/** Resolves when the books have told that so many orders have ended. */
function untilClosed({ world }: BenchStack, count: number): Promise<void> {
  const closed = new Set<string>();
  return new Promise((resolve) => {
    const unsubscribe = world.notices.subscribe(({ clientOrderId, state }) => {
      if (!isClosed(state)) return;
      closed.add(clientOrderId);
      if (closed.size < count) return;
      unsubscribe();
      resolve();
    });
  });
}
