import type { OrderIntent } from '../../../domain/order/index.js';
import {
  epochMs,
  NANOS_PER_UNIT,
  type Price,
  price,
  quantity,
  usd,
  wholeUnits,
  ZERO_QUANTITY,
} from '../../../domain/values/index.js';
import type { Chance } from '../time/chance.js';

const TENTH_OF_A_CENT = 1_000_000;

type Spoiler = (intent: OrderIntent) => OrderIntent;

/** A quantity has nine decimals at most: one with ten is no intent, and ends where text is read. */
const SPOILERS: readonly [Spoiler, ...Spoiler[]] = [
  (intent) => ({ ...intent, symbol: 'NONE' }),
  (intent) => ({ ...intent, quantity: wholeUnits(9_000) }),
  (intent) => ({ ...intent, quantity: quantity(0) }),
  (intent) => ({ ...intent, validUntilMs: epochMs(intent.decidedAtMs - 1) }),
  (intent) => ({ ...intent, type: 'limit', stopPrice: null, limitPrice: subPenny(intent) }),
  (intent) => ({ ...intent, type: 'market', limitPrice: null, extendedHours: true }),
  (intent) => ({ ...intent, type: 'stop', timeInForce: 'ioc' }),
  (intent) => ({ ...intent, quantity: quantity(NANOS_PER_UNIT / 4), timeInForce: 'gtc' }),
  (intent) => byAmount(intent, 990_000),
  (intent) => byAmount(intent, 25_005_000),
];

/** The order as nonsense: what our own rules must not let pass, whatever is held. */
export function spoiled(chance: Chance, intent: OrderIntent): OrderIntent {
  return chance.one(SPOILERS)({ ...intent, amount: null });
}

function subPenny({ decisionPrice }: OrderIntent): Price {
  return price((decisionPrice ?? 100_000_000_000) + TENTH_OF_A_CENT);
}

function byAmount(intent: OrderIntent, micros: number): OrderIntent {
  const market = { type: 'market', limitPrice: null, stopPrice: null, timeInForce: 'day' } as const;
  return { ...intent, ...market, quantity: ZERO_QUANTITY, amount: usd(micros) };
}
