import type { OrderIntent } from '../order/index.js';
import {
  formatUsd,
  type Price,
  unitsAffordable,
  unitsWorthAtLeast,
  type Usd,
  usd,
  ZERO_QUANTITY,
} from '../values/index.js';
import type { Denial } from './validate-intent.js';

const CENT_MICROS = 10_000;
/** What the broker takes at least. */
const LEAST = usd(1_000_000);
/** What is a dollar still when the market has fallen by 1 % since the quote. */
const LEAST_BOUGHT = usd(1_010_102);

/**
 * The intent with the quantity that its amount means at the quote it is judged by, to nine
 * decimals: of a buy the fewest units that are worth it, since the broker takes nothing below a
 * dollar and judges that at a price of its own; of a sale the most that are not worth more. Without
 * a quote, or with a quantity that is wished or sized already, it stays as it is.
 */
export function sizedByAmount(intent: OrderIntent, quotedPrice: Price | null): OrderIntent {
  const { side, amount, quantity } = intent;
  if (amount === null || amount < 0 || quantity !== ZERO_QUANTITY || quotedPrice === null) {
    return intent;
  }
  const units =
    side === 'buy'
      ? unitsWorthAtLeast(boughtFor(amount), quotedPrice)
      : unitsAffordable(amount, quotedPrice);
  return { ...intent, quantity: units };
}

/** The smallest amounts get up to a cent of room: else a tick down is a refusal. */
function boughtFor(amount: Usd): Usd {
  return amount < LEAST ? amount : usd(Math.max(amount, LEAST_BOUGHT));
}

/**
 * Decides whether a wish by amount is one that the broker documents: a dollar or more in whole
 * cents, a market order of its own for the day, in regular hours. Null: it is, or a quantity was
 * wished.
 */
export function amountFault(intent: OrderIntent): Denial | null {
  const { amount, type, timeInForce, orderClass, extendedHours } = intent;
  if (amount === null) return null;
  const found = formatUsd(amount);
  const rules: readonly (readonly [boolean, string])[] = [
    [amount >= LEAST, `an amount of 1 USD or more, found ${found}`],
    [amount % CENT_MICROS === 0, `an amount in whole cents, found ${found}`],
    [type === 'market', `a market order, found ${type}`],
    [timeInForce === 'day', `time in force day, found ${timeInForce}`],
    [orderClass === 'simple', `an order without exits, found ${orderClass}`],
    [!extendedHours, 'regular hours'],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken === undefined) return null;
  return { code: 'invalid_amount', message: `an order by amount takes ${broken[1]}` };
}
