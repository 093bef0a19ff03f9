import type { OrderState } from '../../../domain/order/index.js';
import type { Bench } from '../bench.js';
import { type Card, MARKET_CLOSED, NotSeen } from '../card.js';

const SETTLED: readonly OrderState[] = ['accepted', 'denied', 'refused', 'canceled', 'expired'];

/** By the hour the broker takes it, or somebody says no with a code: never a silence. */
async function takenOrRefused(bench: Bench, timeInForce: 'opg' | 'cls'): Promise<void> {
  const { clientOrderId, state, detail } = await bench.submit({ side: 'buy', timeInForce });
  if (!SETTLED.includes(state)) throw new NotSeen(`taken or refused, found ${state}`);
  if (state === 'accepted') {
    await bench.cancel(clientOrderId);
    await bench.untilState(clientOrderId, 'canceled');
    return;
  }
  const isNamed =
    state === 'canceled' || state === 'expired' || /^[a-z0-9_]+: ./.test(detail ?? '');
  if (!isNamed) throw new NotSeen(`a code and a reason, found ${detail}`);
}

/** Orders that belong to an auction. */
export const SESSION_CARDS: readonly Card[] = [
  {
    number: 12,
    title: 'Order for the opening auction',
    purpose: 'Outside of its hours it is refused with a code; inside it rests.',
    steps: ['Buy one share at the opening auction.', 'Cancel it where it was taken.'],
    expected: ['accepted and canceled, or refused with a code', 'nothing filled'],
    ...MARKET_CLOSED,
    run: (bench) => takenOrRefused(bench, 'opg'),
  },
  {
    number: 13,
    title: 'Order for the closing auction',
    purpose: 'Outside of its hours it is refused with a code; inside it rests.',
    steps: ['Buy one share at the closing auction.', 'Cancel it where it was taken.'],
    expected: ['accepted and canceled, or refused with a code', 'nothing filled'],
    ...MARKET_CLOSED,
    run: (bench) => takenOrRefused(bench, 'cls'),
  },
];
