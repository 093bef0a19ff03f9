import type { DenyCode } from '../../../domain/risk/index.js';
import { price, quantity, wholeUnits } from '../../../domain/values/index.js';
import type { Bench, Wish } from '../bench.js';
import { type Card, MARKET_CLOSED, NotSeen } from '../card.js';

const WRONG_USE = 2;

/** Denied by us with its code; no attempt was ever begun, and one decision is in the books. */
async function denied(bench: Bench, code: DenyCode, wish: Wish): Promise<void> {
  const { clientOrderId, state, detail } = await bench.submit(wish);
  if (state !== 'denied' || detail?.startsWith(`${code}: `) !== true) {
    throw new NotSeen(`denied with ${code}, found ${state}: ${detail}`);
  }
  const reader = await bench.system.reader();
  const events = await reader.orders.eventsOf(clientOrderId);
  if (events.some(({ kind }) => kind === 'send_began')) throw new NotSeen('no send of a denied');
  const decisions = await reader.riskDecisions.byOrder(clientOrderId);
  if (decisions.length !== 1) throw new NotSeen(`one decision, found ${decisions.length}`);
}

/** What a person can mistype is refused by the command line before anything is asked. */
async function wrongUse(bench: Bench, args: readonly string[]): Promise<void> {
  const usual = ['order', 'submit', '--symbol', bench.symbol, '--side', 'buy'];
  const end = await bench.system.command([...usual, ...args]);
  bench.note(`ordinis order submit ${args.join(' ')}: exit code ${end.code}`);
  if (end.code !== WRONG_USE) throw new NotSeen(`exit code ${WRONG_USE}, found ${end.code}`);
}

/** Orders that must never reach the broker. */
export const BAD_INPUT_CARDS: readonly Card[] = [
  {
    number: 14,
    title: 'Bad input is denied before the broker',
    purpose: 'What no broker could mean is stopped here, with a code.',
    steps: [
      'Send orders of no quantity, of half a cent, of a symbol that is not loaded, of a fraction ' +
        'that stays overnight, and far above the limit.',
    ],
    expected: ['denied with the code of each', 'no attempt to send', 'one decision each'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const limit = { side: 'buy', type: 'limit' } as const;
      await denied(bench, 'invalid_quantity', { side: 'buy', quantity: quantity(0) });
      const offTick = price(bench.priceOff(-10) + 5_000_000);
      await denied(bench, 'invalid_price', { ...limit, limitPrice: offTick });
      await denied(bench, 'unknown_symbol', { side: 'buy', symbol: 'ZZZZZ' });
      await denied(bench, 'invalid_time_in_force', {
        ...limit,
        limitPrice: bench.priceOff(-10),
        quantity: quantity(500_000_000),
        timeInForce: 'gtc',
      });
      await denied(bench, 'order_notional_above_limit', {
        ...limit,
        limitPrice: bench.priceOff(-10),
        quantity: wholeUnits(10_000),
      });
    },
  },
  {
    number: 15,
    title: 'Mistyped orders are refused by the command line',
    purpose: 'Wrong use is one line and exit code 2.',
    steps: ['Type ten decimals, a negative quantity, a word for a number, and no price.'],
    expected: ['exit code 2 each', 'no order in the books'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const count = async (): Promise<number> =>
        (await (await bench.system.reader()).orders.recent(1_000)).length;
      const before = await count();
      await wrongUse(bench, ['--qty', '0.0000000001']);
      await wrongUse(bench, ['--qty', '-1']);
      await wrongUse(bench, ['--qty', 'one']);
      await wrongUse(bench, ['--qty', '1', '--type', 'limit']);
      await bench.see('no order came of it', async () => (await count()) === before);
    },
  },
];
