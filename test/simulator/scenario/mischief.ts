import { price, wholeUnits } from '../../../domain/values/index.js';
import { SYMBOLS } from './market-walk.js';
import type { Stage } from './stage.js';

const LOOK_MS = 3_000;
const CORRECTION_NANOS = 10_000_000;

/** How the orders are named that Ordinis did not place. */
export const FOREIGN_PREFIX = 'foreign-';

export function isForeignOrder(order: { readonly clientOrderId: string }): boolean {
  return order.clientOrderId.startsWith(FOREIGN_PREFIX);
}

/** What happens without Ordinis: somebody else trades on the account, the venue changes trades. */
export function playMischief(ground: Stage): void {
  const { time, chance, faults, exchange } = ground;
  let foreignCount = 0;
  const look = (): void => {
    if (!faults.isOn) return;
    if (faults.hits('foreign_order')) {
      foreignCount += 1;
      placeForeign(ground, foreignCount);
    }
    if (faults.hits('trade_bust')) exchange.changeLastTrade({ kind: 'bust' });
    if (faults.hits('trade_correct')) {
      const last = exchange.executionsSince(0).at(-1);
      if (last !== undefined) {
        const corrected = price(last.price + CORRECTION_NANOS);
        exchange.changeLastTrade({ kind: 'correct', price: corrected });
      }
    }
    time.after(LOOK_MS * chance.between(0.5, 1.5), { owner: null, label: '' }, look);
  };
  time.after(LOOK_MS, { owner: null, label: '' }, look);
}

function placeForeign({ chance, exchange }: Stage, number: number): void {
  const symbol = chance.one(SYMBOLS);
  const isLimit = chance.hit(0.5);
  const { quote } = exchange.engine.ledger.marksOf(symbol);
  exchange.place(
    {
      clientOrderId: `${FOREIGN_PREFIX}${number}`,
      symbol,
      side: chance.one(['buy', 'sell'] as const),
      type: isLimit ? 'limit' : 'market',
      timeInForce: 'day',
      quantity: wholeUnits(chance.whole(1, 5)),
      limitPrice: isLimit ? (quote?.bidPrice ?? null) : null,
      stopPrice: null,
      extendedHours: false,
    },
    {},
  );
}
