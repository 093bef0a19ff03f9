import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { decideOnBar } from '../../../activities/session/decide-on-bar.js';
import { advanceTurn } from '../../../activities/turn/advance-turn.js';
import { isInFlight, isWorking, OPEN_STATES } from '../../../domain/order/index.js';
import type { TurnSignal } from '../../../domain/signal/index.js';
import { isTurnOver, OPEN_TURN_STATES, type Turn } from '../../../domain/turn/index.js';
import { assert, formatQuantity, price, wholeUnits } from '../../../domain/values/index.js';
import type { OrderInput, TurnInput } from '../../../workflows/contract/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { barAt, feedOf } from './feed-of-test.js';
import { inputOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

const STRATEGY = 'scripted';
const PRICE_USD = 145;
export const STOP_ID = 'ord-scripted-SPY-1-stop';

/** The states of a turn that goes as it should, from a position under a stop, and its orders. */
export const TURNED = 'planned canceling closing opening turned';
export const TURNED_ORDERS = ['stop canceled 0', 'turn-exit filled 10', 'turn-entry filled 20'];

/** From long to 20 short, at the market. */
export const turnSignal: TurnSignal = {
  kind: 'turn',
  leg: 'turn',
  symbol: 'SPY',
  side: 'sell',
  size: { units: wholeUnits(20) },
  type: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  reason: 'a test',
};

/** A world that holds ten units long under a stop. */
export async function heldUnderStop(): Promise<TestWorld> {
  const test = await openTestWorld();
  await buyTen(test);
  await rest(test, STOP_ID);
  return test;
}

export async function buyTen(test: TestWorld, id = 'bought'): Promise<void> {
  const bought = { clientOrderId: idOf(id), strategy: STRATEGY, quantity: wholeUnits(10) };
  await placeOrder(test.world, inputOf(bought));
  await applyAll(test, [test.broker.fill(id, 10, PRICE_USD)]);
}

/** A stop of ten units, of the strategy or of another one. */
export async function rest(test: TestWorld, id: string, strategy = STRATEGY): Promise<void> {
  await placeOrder(
    test.world,
    inputOf({
      clientOrderId: idOf(id),
      strategy,
      leg: 'stop',
      side: 'sell',
      quantity: wholeUnits(10),
      type: 'stop',
      limitPrice: null,
      stopPrice: price(140_000_000_000),
      purpose: 'exit',
    }),
  );
}

/** Lets the strategy ask for the turn, and returns its id. */
export async function decideTurn(test: TestWorld, minute = 1): Promise<string> {
  const feed = feedOf(test, () => [turnSignal]);
  await decideOnBar(feed, barAt(minute));
  const [row] = await test.world.reader.turns.recent(1);
  assert(row !== null && row !== undefined, 'expected a turn in the books');
  return row.turn.plan.turnId;
}

/** What becomes of a market order that the broker has taken. */
export type Market = (test: TestWorld, clientOrderId: string, units: number) => Promise<void>;

export const fills: Market = async (test, clientOrderId, units) => {
  await applyAll(test, [test.broker.fill(clientOrderId, units, PRICE_USD)]);
};
export const rests: Market = async () => undefined;

/** Does what drainer and drivers do until nothing is left to deliver. */
export async function drain(test: TestWorld, market: Market = fills): Promise<void> {
  for (;;) {
    const rows = (await test.world.reader.outbox.undelivered(100)).filter(({ kind }) =>
      ['start_order', 'start_turn', 'signal_turn'].includes(kind),
    );
    if (rows.length === 0) return;
    for (const { kind, target, payload, version } of rows) {
      if (kind === 'start_order') await drive(test, JSON.parse(payload) as OrderInput, market);
      else await advanceTurn(test.world, (JSON.parse(payload) as TurnInput).turnId);
      await test.books.transaction(ACCOUNT, ({ outbox }) =>
        outbox.markDelivered(kind, target, version),
      );
    }
  }
}

async function drive(test: TestWorld, input: OrderInput, market: Market): Promise<void> {
  const { clientOrderId, type, quantity } = input.intent;
  const found = await placeOrder(test.world, input);
  // Not found at the broker, and still wanted: the order's driver sends it again.
  const view = isInFlight(found.state) ? await sendOrder(test.world, input) : found;
  if (type !== 'market' || !isWorking(view.state)) return;
  await market(test, clientOrderId, Number(formatQuantity(quantity)));
}

/** Does what a new start does after a crash: every open order and turn has its driver again. */
export async function restart(test: TestWorld, market: Market = fills): Promise<void> {
  const { reader } = test.world;
  for (const { order, correlationId } of await reader.orders.inStates(OPEN_STATES)) {
    await drive(test, { ...inputOf(), intent: order.intent, correlationId }, market);
  }
  for (const { turn } of await reader.turns.inStates(OPEN_TURN_STATES)) {
    await advanceTurn(test.world, turn.plan.turnId);
  }
  await drain(test, market);
}

export async function turnNow(test: TestWorld): Promise<Turn> {
  const [row] = await test.world.reader.turns.recent(1);
  assert(row !== undefined, 'expected a turn in the books');
  return row.turn;
}

/** The turn in one line: states, and why it ended short of its aim. */
export async function pathOf(test: TestWorld): Promise<string> {
  const turn = await turnNow(test);
  const code =
    'reason' in turn.progress && isTurnOver(turn) ? ` (${turn.progress.reason.code})` : '';
  return `${turn.history.map(({ state }) => state).join(' ')}${code}`;
}

/** Every order at the broker by its leg: status and units filled, in the order of their sends. */
export async function ordersOf(test: TestWorld): Promise<readonly string[]> {
  const rows = (await test.world.reader.orders.recent(50)).toReversed();
  return rows
    .filter(({ order }) => order.intent.leg !== 'entry')
    .map(({ order: { intent, progress, filledQuantity } }) =>
      [intent.leg, progress.state, formatQuantity(filledQuantity)].join(' '),
    );
}

/** What the account holds of SPY, at the broker and in the books. */
export async function heldOf(test: TestWorld): Promise<string> {
  const row = await test.world.reader.positions.bySymbol('SPY');
  const inBooks = row === null ? 'flat 0' : `${row.side} ${formatQuantity(row.quantity)}`;
  const units = test.broker.unitsHeld('SPY');
  const side = units === 0 ? 'flat' : units > 0 ? 'long' : 'short';
  return inBooks === `${side} ${Math.abs(units)}` ? inBooks : `books ${inBooks}, broker ${units}`;
}
