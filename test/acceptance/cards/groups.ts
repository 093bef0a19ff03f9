import { formatPrice, wholeUnits } from '../../../domain/values/index.js';
import { type OrderState, stateOf } from '../../../domain/order/index.js';
import type { Bench, Wish } from '../bench.js';
import { type Card, MARKET_CLOSED, NotSeen } from '../card.js';

const ONE = wholeUnits(1);

/** The legs of an order in the books, `leg state` each. */
async function legsOf(bench: Bench, clientOrderId: string): Promise<readonly string[]> {
  const rows = await (await bench.system.reader()).orders.legsOf(clientOrderId);
  return rows.map(({ order }) => `${order.intent.leg} ${stateOf(order)}`).toSorted();
}

async function untilLegs(
  bench: Bench,
  clientOrderId: string,
  ...expected: readonly string[]
): Promise<void> {
  await bench.see(`the legs of ${clientOrderId}: ${expected.join(', ')}`, async () => {
    const found = await legsOf(bench, clientOrderId);
    return found.join() === expected.join();
  });
}

type Exit = 'profit' | 'stop';

/** One leg of an order; what it leaves is looked for like what the cards have sent. */
async function legOf(bench: Bench, parent: string, leg: Exit): Promise<string> {
  const rows = await (await bench.system.reader()).orders.legsOf(parent);
  const id = rows.find(({ order }) => order.intent.leg === leg)?.order.intent.clientOrderId;
  if (id === undefined) throw new NotSeen(`a leg ${leg} of ${parent}`);
  bench.sent.push(id);
  return id;
}

/** Cancels one leg: the broker takes the rest of the group with it. */
async function cancelLeg(bench: Bench, parent: string, leg: Exit): Promise<void> {
  const id = await legOf(bench, parent, leg);
  const { outcome } = await bench.cancel(id);
  if (outcome !== 'requested') throw new NotSeen(`a cancel that was taken, found ${outcome}`);
}

async function submit(bench: Bench, wish: Wish, ...states: readonly OrderState[]): Promise<string> {
  const { clientOrderId } = await bench.submit(wish);
  await bench.untilState(clientOrderId, ...states);
  return clientOrderId;
}

/** Ten percent away on either side: nothing of it fills while a card is tried. */
function exits(bench: Bench): Pick<Wish, 'takeProfit' | 'stopLoss'> {
  return {
    takeProfit: bench.priceOff(10),
    stopLoss: { stopPrice: bench.priceOff(-10), limitPrice: null },
  };
}

/** Groups: exits that the broker makes of one order. */
export const GROUP_CARDS: readonly Card[] = [
  {
    number: 20,
    title: 'Bracket whose entry rests, and its cancel',
    purpose: 'The exits of an entry that has not filled are there, and go with it.',
    steps: ['Buy one share 20 % below the market, with exits around it.', 'Cancel the entry.'],
    expected: ['accepted, both legs held', 'all three canceled', 'nothing filled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const id = await submit(
        bench,
        {
          side: 'buy',
          type: 'limit',
          limitPrice: bench.priceOff(-20),
          orderClass: 'bracket',
          takeProfit: bench.priceOff(10),
          stopLoss: { stopPrice: bench.priceOff(-30), limitPrice: null },
        },
        'accepted',
      );
      await untilLegs(bench, id, 'profit held', 'stop held');
      await bench.cancel(id);
      await bench.untilState(id, 'canceled');
      await untilLegs(bench, id, 'profit canceled', 'stop canceled');
      await bench.see('nothing was filled', async () => (await bench.held()) === before);
    },
  },
  {
    number: 21,
    title: 'Bracket that is entered',
    purpose: 'After the entry both exits protect the position, and one cancel ends the group.',
    steps: ['Buy one share at the market, with exits 10 % around it.', 'Cancel the stop.'],
    expected: ['filled', 'the take-profit works, the stop is held', 'both canceled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const id = await submit(
        bench,
        { side: 'buy', orderClass: 'bracket', ...exits(bench) },
        'filled',
      );
      await bench.see('one share more', async () => (await bench.held()) === before + ONE);
      await untilLegs(bench, id, 'profit accepted', 'stop held');
      await cancelLeg(bench, id, 'stop');
      await untilLegs(bench, id, 'profit canceled', 'stop canceled');
      await bench.reconcile();
    },
  },
  {
    number: 22,
    title: 'One cancels the other, for a share that is held',
    purpose: 'Two exits of one share are never both counted, and end together.',
    steps: ['Sell the share 10 % above the market or 10 % below it.', 'Cancel the first of them.'],
    expected: ['accepted, the stop held', 'both canceled', 'the share is still there'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      if (before < ONE) throw new NotSeen('a share that is held');
      const around = exits(bench);
      const id = await submit(
        bench,
        {
          side: 'sell',
          type: 'limit',
          limitPrice: around.takeProfit ?? null,
          orderClass: 'oco',
          ...around,
        },
        'accepted',
      );
      await untilLegs(bench, id, 'stop held');
      await bench.cancel(id);
      await bench.untilState(id, 'canceled');
      await untilLegs(bench, id, 'stop canceled');
      await bench.see('the share is still there', async () => (await bench.held()) === before);
    },
  },
  {
    number: 23,
    title: 'One triggers the other',
    purpose: 'An entry with one exit: the stop works as soon as there is something to protect.',
    steps: ['Buy one share at the market, with a stop 10 % below.', 'Cancel the stop.'],
    expected: ['filled', 'the stop works', 'canceled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const { stopLoss } = exits(bench);
      const wish: Wish = { side: 'buy', orderClass: 'oto', ...(stopLoss ? { stopLoss } : {}) };
      const id = await submit(bench, wish, 'filled');
      await untilLegs(bench, id, 'stop accepted');
      await cancelLeg(bench, id, 'stop');
      await untilLegs(bench, id, 'stop canceled');
      await bench.reconcile();
    },
  },
  {
    number: 36,
    title: 'A bracket by the command line, with another stop',
    purpose: 'An exit is an order of its own: it is replaced alone, and its group stays one.',
    steps: [
      'Type a bracket of one share, with exits 10 % around it.',
      'Move its stop to 9 %.',
      'Cancel the new stop.',
    ],
    expected: ['filled, both exits there', 'the new stop held in the place of the old', 'all over'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const id = await typeBracket(bench);
      await bench.untilState(id, 'filled');
      await untilLegs(bench, id, 'profit accepted', 'stop held');
      const stop = await legOf(bench, id, 'stop');
      const change = { quantity: null, limitPrice: null, timeInForce: null };
      const by = { requestedBy: 'acceptance', reason: 'a card' };
      const stopPrice = bench.priceOff(-9);
      const answer = await bench.system.client.replaceOrder(stop, { ...change, ...by, stopPrice });
      if (answer.outcome !== 'requested') throw new NotSeen(`requested, found ${answer.outcome}`);
      await bench.untilState(`${stop}.r1`, 'held');
      await bench.cancel(`${stop}.r1`);
      await bench.untilState(`${stop}.r1`, 'canceled');
      await untilLegs(bench, id, 'profit canceled', 'stop canceled', 'stop replaced');
      await bench.reconcile();
    },
  },
];

async function typeBracket(bench: Bench): Promise<string> {
  const id = bench.nextId();
  bench.sent.push(id);
  const [takeProfit, stopLoss] = [bench.priceOff(10), bench.priceOff(-10)].map(formatPrice);
  const end = await bench.system.command([
    ...['order', 'submit', '--symbol', bench.symbol, '--side', 'buy', '--qty', '1'],
    ...['--class', 'bracket', '--take-profit', String(takeProfit)],
    ...['--stop-loss', String(stopLoss), '--id', id, '--json'],
  ]);
  if (end.code !== 0) throw new NotSeen(`exit code 0, found ${end.complaints.join(' ')}`);
  return id;
}
