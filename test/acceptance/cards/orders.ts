import { quantity, wholeUnits } from '../../../domain/values/index.js';
import type { Bench, Wish } from '../bench.js';
import { type Card, MARKET_CLOSED, NEVER, NotSeen } from '../card.js';

const ONE = wholeUnits(1);
const HALF = quantity(500_000_000);

/** Rests at the broker, is canceled there, and leaves nothing: for every kind that can rest. */
async function restAndCancel(bench: Bench, wish: Wish): Promise<void> {
  const before = await bench.held();
  const { clientOrderId, state } = await bench.submit(wish);
  if (state !== 'accepted') throw new NotSeen(`accepted, found ${state}`);
  const { outcome } = await bench.cancel(clientOrderId);
  if (outcome !== 'requested') throw new NotSeen(`a cancel that was taken, found ${outcome}`);
  await bench.untilState(clientOrderId, 'canceled');
  await bench.see('nothing was filled', async () => (await bench.held()) === before);
}

async function fill(bench: Bench, wish: Wish): Promise<string> {
  const { clientOrderId } = await bench.submit(wish);
  await bench.untilState(clientOrderId, 'filled');
  return clientOrderId;
}

/** Orders of every kind that fill, rest or end at once. */
export const ORDER_CARDS: readonly Card[] = [
  {
    number: 1,
    title: 'Up, flat, and in agreement with the broker',
    purpose: 'Nothing begins on books that do not fit the account.',
    steps: ['Start Ordinis.', 'Look at the position.', 'Reconcile.'],
    expected: ['the system runs', 'no position of the symbol', 'a clean reconciliation'],
    ...NEVER,
    run: async (bench) => {
      await bench.see('Ordinis runs', () => bench.system.isAlive());
      await bench.see('the symbol is flat', async () => (await bench.held()) === 0);
      await bench.reconcile();
    },
  },
  {
    number: 2,
    title: 'Market order',
    purpose: 'The plainest order fills and moves the position.',
    steps: ['Buy one share at the market.'],
    expected: ['filled', 'one share long', 'the fill in the books'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const id = await fill(bench, { side: 'buy' });
      await bench.see('one share is held', async () => (await bench.held()) === ONE);
      await bench.takeReference(id);
    },
  },
  {
    number: 3,
    title: 'The same id again',
    purpose: 'A wish that is sent twice is one order.',
    steps: ['Send the order of card 2 once more, under its id.'],
    expected: ['the filled order', 'still one share', 'one attempt'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const [first] = bench.sent;
      if (first === undefined) throw new NotSeen('the order of card 2');
      const view = await bench.submit({ side: 'buy' }, first);
      if (view.state !== 'filled') throw new NotSeen(`the filled order, found ${view.state}`);
      await bench.see('one attempt', async () => (await bench.row(first)).order.attempts === 1);
      await bench.reconcile();
      await bench.see('still one share', async () => (await bench.held()) === ONE);
    },
  },
  {
    number: 4,
    title: 'Cancel of a filled order',
    purpose: 'A cancel that comes too late does no harm and says so.',
    steps: ['Buy one share at the market.', 'Cancel the order by the command line.'],
    expected: ['the answer: already closed', 'still filled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const id = await fill(bench, { side: 'buy' });
      const end = await bench.system.command(['order', 'cancel', id, '--json']);
      const answer = JSON.parse(end.lines.at(-1) ?? '{}');
      bench.note(`ordinis order cancel: exit code ${end.code}: ${answer.outcome}`);
      if (end.code !== 0 || answer.outcome !== 'already_closed') {
        throw new NotSeen(`already_closed, found ${JSON.stringify(answer)}`);
      }
      await bench.untilState(id, 'filled');
    },
  },
  {
    number: 5,
    title: 'Limit order that rests, and its cancel',
    purpose: 'An order works at the broker until it is canceled there.',
    steps: ['Buy one share 10 % below the market.', 'Cancel it.'],
    expected: ['accepted', 'canceled by the broker', 'nothing filled'],
    ...MARKET_CLOSED,
    run: (bench) =>
      restAndCancel(bench, { side: 'buy', type: 'limit', limitPrice: bench.priceOff(-10) }),
  },
  {
    number: 6,
    title: 'Marketable limit order',
    purpose: 'A limit that the market has passed fills at once, at no worse price.',
    steps: ['Sell one share with a limit 2 % below the market.'],
    expected: ['filled', 'one share less', 'a price not below the limit'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const limitPrice = bench.priceOff(-2);
      const id = await fill(bench, { side: 'sell', type: 'limit', limitPrice });
      await bench.see('one share less', async () => (await bench.held()) === before - ONE);
      await bench.see('no worse price', async () => {
        const fills = await (await bench.system.reader()).fills.byOrder(id);
        return fills.every((one) => one.price >= limitPrice);
      });
    },
  },
  {
    number: 7,
    title: 'Stop order that rests, and its cancel',
    purpose: 'A stop works at the broker and costs nothing until it is met.',
    steps: ['Buy one share with a stop 10 % above the market.', 'Cancel it.'],
    expected: ['accepted', 'canceled', 'nothing filled'],
    ...MARKET_CLOSED,
    run: (bench) =>
      restAndCancel(bench, { side: 'buy', type: 'stop', stopPrice: bench.priceOff(10) }),
  },
  {
    number: 8,
    title: 'Stop-limit order that rests, and its cancel',
    purpose: 'Both prices reach the broker.',
    steps: ['Buy one share, stop 10 % above the market, limit 11 % above.', 'Cancel it.'],
    expected: ['accepted', 'canceled', 'nothing filled'],
    ...MARKET_CLOSED,
    run: (bench) =>
      restAndCancel(bench, {
        side: 'buy',
        type: 'stop_limit',
        stopPrice: bench.priceOff(10),
        limitPrice: bench.priceOff(11),
      }),
  },
  {
    number: 9,
    title: 'Immediate or cancel, far from the market',
    purpose: 'What cannot fill at once ends by itself.',
    steps: ['Buy one share 10 % below the market, immediate or cancel.'],
    expected: ['canceled or expired by the broker', 'nothing filled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const limitPrice = bench.priceOff(-10);
      const { clientOrderId } = await bench.submit({
        side: 'buy',
        type: 'limit',
        limitPrice,
        timeInForce: 'ioc',
      });
      await bench.untilState(clientOrderId, 'canceled', 'expired');
      await bench.see('nothing was filled', async () => (await bench.held()) === before);
    },
  },
  {
    number: 10,
    title: 'Fill or kill at the market',
    purpose: 'What can fill at once fills in whole.',
    steps: ['Buy one share 2 % above the market, fill or kill.'],
    expected: ['filled', 'one share more'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const limitPrice = bench.priceOff(2);
      await fill(bench, { side: 'buy', type: 'limit', limitPrice, timeInForce: 'fok' });
      await bench.see('one share more', async () => (await bench.held()) === before + ONE);
    },
  },
  {
    number: 11,
    title: 'Half a share',
    purpose: 'Fractions are exact on both sides.',
    steps: ['Buy half a share at the market.', 'Sell it again.'],
    expected: ['filled with 0.5', 'the position as before'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const bought = await fill(bench, { side: 'buy', quantity: HALF });
      await bench.see('half a share', async () => (await bench.filled(bought)) === HALF);
      await fill(bench, { side: 'sell', quantity: HALF });
      await bench.see('as before', async () => (await bench.held()) === before);
    },
  },
];
