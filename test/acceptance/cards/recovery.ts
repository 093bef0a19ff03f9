import { wholeUnits } from '../../../domain/values/index.js';
import type { Bench } from '../bench.js';
import { type Card, MARKET_CLOSED, NO_FAULTS, NotSeen } from '../card.js';

const ONE = wholeUnits(1);

/** Sends an order whose fill the stream will not tell, and waits until the books have it. */
async function fillUnheard(bench: Bench, kind: 'mute_event' | 'cut_stream'): Promise<void> {
  const before = await bench.held();
  await bench.misbehave({ match: { event: 'fill' }, action: { kind } });
  const { clientOrderId } = await bench.submit({ side: 'buy' });
  await bench.untilState(clientOrderId, 'filled');
  await bench.see('one share more', async () => (await bench.held()) === before + ONE);
  await bench.reconcile();
}

/** What goes wrong and must be found again. */
export const RECOVERY_CARDS: readonly Card[] = [
  {
    number: 30,
    title: 'A fill that the stream does not tell',
    purpose: 'A stream that looks healthy can drop single frames.',
    steps: ['Let the broker drop the next fill frame.', 'Buy one share at the market.'],
    expected: ['filled in the books', 'one share more', 'a clean reconciliation'],
    ...NO_FAULTS,
    run: (bench) => fillUnheard(bench, 'mute_event'),
  },
  {
    number: 31,
    title: 'A stream that is cut at a fill',
    purpose: 'The reconnect repairs the gap from the lists before orders go on.',
    steps: ['Let the broker cut the stream at the next fill.', 'Buy one share.', 'Buy another.'],
    expected: ['both filled in the books', 'two shares more', 'a clean reconciliation'],
    ...NO_FAULTS,
    run: async (bench) => {
      await fillUnheard(bench, 'cut_stream');
      const { clientOrderId } = await bench.submit({ side: 'buy' });
      await bench.untilState(clientOrderId, 'filled');
    },
  },
  {
    number: 32,
    title: 'A lost answer',
    purpose: 'An order whose answer was lost is found, not sent again.',
    steps: ['Let the broker take the next order and lose the answer.', 'Buy one share.'],
    expected: ['filled', 'one share more', 'one order at the broker: a clean reconciliation'],
    ...NO_FAULTS,
    run: async (bench) => {
      const before = await bench.held();
      await bench.misbehave({
        match: { method: 'POST', path: '/v2/orders' },
        action: { kind: 'execute_then_drop' },
      });
      const { clientOrderId } = await bench.submit({ side: 'buy' });
      await bench.untilState(clientOrderId, 'filled');
      await bench.see('one share more', async () => (await bench.held()) === before + ONE);
      await bench.reconcile();
    },
  },
  {
    number: 33,
    title: 'Killed with an open order, and started again',
    purpose: 'An order that is open at the broker is taken up by the next start.',
    steps: ['Rest a limit order.', 'kill -9 Ordinis.', 'Start it.', 'Cancel the order.'],
    expected: ['the same order of the broker', 'one attempt', 'canceled through its workflow'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const limitPrice = bench.priceOff(-10);
      const { clientOrderId } = await bench.submit({ side: 'buy', type: 'limit', limitPrice });
      const before = await bench.row(clientOrderId);
      const { bootEpoch } = bench.system.run;
      await bench.system.kill();
      bench.note('killed');
      await bench.system.start();
      await bench.see('a new boot epoch', () => bench.system.run.bootEpoch > bootEpoch);
      const after = await bench.row(clientOrderId);
      const standing = ({ order }: typeof before): string =>
        JSON.stringify([order.progress, order.attempts]);
      if (standing(before) !== standing(after)) {
        throw new NotSeen(`${standing(before)}, found ${standing(after)}`);
      }
      bench.note(`open as before: ${standing(after)}`);
      await bench.see('the market goes on', () => bench.isMarketOpen());
      await bench.cancel(clientOrderId);
      await bench.untilState(clientOrderId, 'canceled');
      await bench.reconcile();
    },
  },
];
