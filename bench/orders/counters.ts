import { setTimeout as pause } from 'node:timers/promises';
import { openSyntheticMarket } from '../../exchange/market/index.js';
import type { OrderIntent } from '../../domain/order/index.js';
import { assert, type Price, price } from '../../domain/values/index.js';
import { orderWorkflowId } from '../../workflows/contract/index.js';
import { MARKET } from './exchange.js';
import { untilFilled } from './flights.js';
import { legOf, marketIntent, orderInput } from './lanes.js';
import { type BenchStack, refreshMarket } from './stack.js';
import type { StatementCount } from './statement-counter.js';

/** What one order leaves behind. The same on any machine, whatever its speed. */
export interface OrderCount extends StatementCount {
  readonly historyEvents: number;
  readonly activitiesBeforeWire: number;
  readonly activities: number;
}

/** How long the resting order rests, in wall time. */
const REST_MS = 5_000;
const NANOS_PER_CENT = 10_000_000;

/** Orders of the counters go where no lane goes; the first is for the compiler and the caches. */
const COUNTED_ORDERS = 5;

/** Orders that fill with their answer, one after the other, in a quiet system. */
export async function countImmediate(
  stack: BenchStack,
  symbol: string,
): Promise<readonly OrderCount[]> {
  const counts: OrderCount[] = [];
  for (let number = 0; number <= COUNTED_ORDERS; number += 1) {
    const side = number % 2 === 0 ? 'buy' : 'sell';
    const leg = `c${legOf(number)}`;
    const intent = marketIntent(stack.world, { symbol, side, leg });
    const count = await countOne(stack, intent, async () => undefined);
    if (number > 0) counts.push(count);
  }
  return counts;
}

/** A limit order that rests five seconds at the exchange and is filled by the next bar. */
export async function countResting(stack: BenchStack): Promise<OrderCount> {
  const { world, symbols, exchange } = stack;
  const { symbol, limitPrice } = await findRestingLimit(stack);
  const market = marketIntent(world, { symbol, side: 'buy', leg: 'rest' });
  const intent: OrderIntent = { ...market, type: 'limit', limitPrice };
  const count = await countOne(stack, intent, async () => {
    await pause(REST_MS);
    const row = await world.reader.orders.byClientOrderId(intent.clientOrderId);
    const state = row?.order.progress.state;
    assert(state === 'accepted', `expected the order to rest, found ${state}`);
    await exchange.step();
  });
  await refreshMarket(world, symbols);
  return count;
}

async function countOne(
  stack: BenchStack,
  intent: OrderIntent,
  makeItFill: () => Promise<void>,
): Promise<OrderCount> {
  const { world, statements } = stack;
  await statements.untilQuiet();
  const counted = statements.begin();
  const filled = untilFilled(stack, intent.clientOrderId);
  await world.drivers.startOrder(orderInput(world, intent));
  await makeItFill();
  await filled;
  await statements.untilQuiet();
  return { ...counted(), ...(await readHistory(stack, intent)) };
}

async function readHistory(
  { client, exchange }: BenchStack,
  { account, clientOrderId }: OrderIntent,
): Promise<Pick<OrderCount, 'historyEvents' | 'activities' | 'activitiesBeforeWire'>> {
  const handle = client.workflow.getHandle(orderWorkflowId(account, clientOrderId));
  await handle.result();
  const events = (await handle.fetchHistory()).events ?? [];
  const wireMs = (await exchange.posts()).get(clientOrderId)?.arrivedWallMs;
  assert(wireMs !== undefined, `expected ${clientOrderId} in the exchange's journal`);
  const scheduledAtMs = events
    .filter((event) => event.activityTaskScheduledEventAttributes)
    .map(({ eventTime }) => Number(eventTime?.seconds) * 1_000 + (eventTime?.nanos ?? 0) / 1e6);
  return {
    historyEvents: events.length,
    activities: scheduledAtMs.length,
    activitiesBeforeWire: scheduledAtMs.filter((atMs) => atMs <= wireMs).length,
  };
}

/** A buy that does not fill now, and that the next bar trades through: the market is known. */
async function findRestingLimit({ world, symbols }: BenchStack): Promise<{
  readonly symbol: string;
  readonly limitPrice: Price;
}> {
  const { date, seed } = MARKET;
  const source = openSyntheticMarket({
    seed: `${seed}`,
    date,
    symbols,
    isRolling: false,
    isTurbulent: false,
  });
  const { atMs } = await world.pace.current();
  for (const symbol of symbols) {
    const ask = world.quotes.quote(symbol)?.askPrice ?? null;
    const nextBar = source.symbolDay(symbol, date)?.bars.find((bar) => bar.startAtMs === atMs);
    if (ask === null || nextBar === undefined) continue;
    const limitPrice = price(ask - NANOS_PER_CENT);
    if (nextBar.low < limitPrice) return { symbol, limitPrice };
  }
  throw new Error('expected a symbol whose next bar trades below its ask, found none');
}
