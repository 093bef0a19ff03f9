import type { ReplaceAnswer } from '../../../workflows/contract/index.js';
import { usd, ZERO_QUANTITY } from '../../../domain/values/index.js';
import type { Bench } from '../bench.js';
import { type Card, MARKET_CLOSED, NO_FAULTS, NotSeen } from '../card.js';

/** Rests one share so many percent below the market. */
async function rest(bench: Bench, percentBelow: number): Promise<string> {
  const limitPrice = bench.priceOff(-percentBelow);
  const { clientOrderId, state } = await bench.submit({ side: 'buy', type: 'limit', limitPrice });
  if (state !== 'accepted') throw new NotSeen(`accepted, found ${state}`);
  return clientOrderId;
}

async function replaced(
  bench: Bench,
  clientOrderId: string,
  outcomes: readonly ReplaceAnswer['outcome'][],
): Promise<ReplaceAnswer> {
  const answer = await bench.replace(clientOrderId, bench.priceOff(-9));
  if (outcomes.includes(answer.outcome)) return answer;
  throw new NotSeen(`${outcomes.join(' or ')}, found ${answer.outcome}: ${answer.message}`);
}

async function takeBack(bench: Bench, clientOrderId: string): Promise<void> {
  await bench.cancel(clientOrderId);
  await bench.untilState(clientOrderId, 'canceled');
}

/** Rests an order and replaces it while the broker misbehaves once; both ids. */
async function replaceAmiss(
  bench: Bench,
  fault: 'execute_then_drop' | 'reject_later' | 'drop_before',
  outcomes: readonly ReplaceAnswer['outcome'][],
): Promise<{ readonly id: string; readonly second: string }> {
  const id = await rest(bench, 10);
  await bench.misbehave({ match: { method: 'PATCH' }, action: { kind: fault } });
  return { id, second: named(await replaced(bench, id, outcomes)) };
}

/** The second is at work in the place of the first, after so many attempts; then it is canceled. */
async function untilReplaced(
  bench: Bench,
  { id, second }: { readonly id: string; readonly second: string },
  attempts: number,
): Promise<void> {
  await bench.untilState(second, 'accepted');
  await bench.untilState(id, 'replaced');
  await bench.see(`attempts: ${attempts}`, async () => {
    return (await bench.row(second)).order.attempts === attempts;
  });
  await takeBack(bench, second);
}

function named({ replacement }: ReplaceAnswer): string {
  if (replacement === null) throw new NotSeen('an order that takes the place of the first');
  return replacement;
}

/** Orders that take the place of others, and wishes by amount. */
export const REPLACING_CARDS: readonly Card[] = [
  {
    number: 24,
    title: 'Replace a limit order',
    purpose: 'Another price is another order, in the place of the first.',
    steps: ['Buy one share 10 % below the market.', 'Replace it at 9 %.', 'Cancel what works.'],
    expected: ['the first replaced, the second accepted', 'canceled', 'nothing filled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const id = await rest(bench, 10);
      const second = named(await replaced(bench, id, ['requested']));
      await bench.untilState(id, 'replaced');
      await bench.untilState(second, 'accepted');
      await takeBack(bench, second);
      await bench.see('nothing was filled', async () => (await bench.held()) === before);
    },
  },
  {
    number: 25,
    title: 'Replace of a filled order',
    purpose: 'A replacement that comes too late makes no order.',
    steps: ['Buy one share at the market.', 'Replace it.'],
    expected: ['the answer: already closed', 'no second order'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const { clientOrderId } = await bench.submit({ side: 'buy' });
      await bench.untilState(clientOrderId, 'filled');
      // Its driver ends with it: then there is nobody to ask, which says the same.
      const answer = await bench.system.command([
        ...['order', 'replace', clientOrderId, '--limit', '1.00'],
        '--json',
      ]);
      const { outcome } = JSON.parse(answer.lines.at(-1) ?? '{}');
      if (outcome !== 'already_closed') throw new NotSeen(`already_closed, found ${outcome}`);
      const reader = await bench.system.reader();
      const second = await reader.orders.byClientOrderId(`${clientOrderId}.r1`);
      await bench.see('no second order', () => second === null);
    },
  },
  {
    number: 26,
    title: 'Replace at a price that no broker takes',
    purpose: 'A replacement that is denied leaves the first order at work.',
    steps: ['Buy one share 10 % below the market.', 'Replace it at half a cent.', 'Cancel it.'],
    expected: ['denied', 'the first order works on', 'canceled'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const id = await rest(bench, 10);
      const answer = await bench.replace(id, bench.halfACentOff(-10));
      if (answer.outcome !== 'denied') throw new NotSeen(`denied, found ${answer.outcome}`);
      await bench.untilState(id, 'accepted');
      await takeBack(bench, id);
    },
  },
  {
    number: 27,
    title: 'A replace whose answer is lost',
    purpose: 'What took the place of an order is found, and not sent again.',
    steps: ['Let the broker take the next replacement and lose the answer.', 'Replace an order.'],
    expected: ['the first replaced, the second accepted', 'one attempt', 'canceled'],
    ...NO_FAULTS,
    run: async (bench) => {
      const orders = await replaceAmiss(bench, 'execute_then_drop', ['requested', 'unknown']);
      await untilReplaced(bench, orders, 1);
      await bench.reconcile();
    },
  },
  {
    number: 28,
    title: 'Replaced and canceled in one moment',
    purpose: 'Whichever comes first, nothing is left at work and nothing is counted twice.',
    steps: ['Buy one share 10 % below the market.', 'Replace and cancel it at once.'],
    expected: ['both orders over in the end', 'nothing filled', 'a clean reconciliation'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const id = await rest(bench, 10);
      const [answer] = await Promise.all([bench.replace(id, bench.priceOff(-9)), bench.cancel(id)]);
      const second = answer.replacement;
      await bench.untilState(id, 'canceled', 'replaced');
      if (second !== null && !(await bench.isOver(second))) await bench.cancel(second);
      await bench.see('both are over', async () => second === null || bench.isOver(second));
      await bench.see('nothing was filled', async () => (await bench.held()) === before);
      await bench.reconcile();
    },
  },
  {
    number: 34,
    title: 'A replace that the broker turns down',
    purpose: 'A replacement that is taken and then refused leaves the first order at work.',
    steps: ['Let the broker turn the next replacement down.', 'Replace an order.', 'Cancel it.'],
    expected: ['the second refused', 'the first accepted', 'canceled'],
    ...NO_FAULTS,
    run: async (bench) => {
      const { id, second } = await replaceAmiss(bench, 'reject_later', ['requested', 'refused']);
      await bench.untilState(second, 'refused');
      await bench.untilState(id, 'accepted');
      await takeBack(bench, id);
    },
  },
  {
    number: 35,
    title: 'A replace whose request is lost',
    purpose: 'What never arrived is sent again, under its own id.',
    steps: ['Let the next replacement be lost on its way.', 'Replace an order.'],
    expected: ['nobody knows at first', 'the first replaced, the second accepted', 'canceled'],
    ...NO_FAULTS,
    run: async (bench) => {
      await untilReplaced(bench, await replaceAmiss(bench, 'drop_before', ['unknown']), 2);
    },
  },
  {
    number: 29,
    title: 'Order by amount',
    purpose: 'An amount becomes an exact quantity before anything is sent.',
    steps: ['Buy for 10 USD.', 'Sell the same quantity.'],
    expected: ['filled in whole', 'the position as before'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const before = await bench.held();
      const amount = usd(10_000_000);
      const { clientOrderId } = await bench.submit({
        side: 'buy',
        quantity: ZERO_QUANTITY,
        amount,
      });
      await bench.untilState(clientOrderId, 'filled');
      const quantity = await bench.filled(clientOrderId);
      await bench.see('more is held', async () => (await bench.held()) === before + quantity);
      const back = await bench.submit({ side: 'sell', quantity });
      await bench.untilState(back.clientOrderId, 'filled');
      await bench.see('as before', async () => (await bench.held()) === before);
    },
  },
];
