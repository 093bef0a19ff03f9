import { type OrderIntent, parseClientOrderId } from '../../../domain/order/index.js';
import {
  assert,
  type EpochMs,
  epochMs,
  NANOS_PER_UNIT,
  type Price,
  price,
  quantity,
  wholeUnits,
} from '../../../domain/values/index.js';
import { cents } from '../exchange/simulated-exchange.js';
import type { Chance } from '../time/chance.js';
import { type MarketWalk, type SimulatedSymbol, SYMBOLS } from './market-walk.js';

const MINUTE_MS = 60_000;
const DENIED_SHARE = 0.12;

interface Wish {
  readonly account: string;
  readonly number: number;
  /** Market time. */
  readonly nowAtMs: EpochMs;
  readonly market: MarketWalk;
}

/**
 * One order that somebody wants: of any kind and side, near the market or far from it, and now and
 * then one that our own rules must deny.
 */
export function drawIntent(chance: Chance, wish: Wish): OrderIntent {
  const symbol = chance.one(SYMBOLS);
  const side = chance.one(['buy', 'buy', 'sell'] as const);
  const plain = plainIntent(chance, wish, symbol);
  const priced = { ...plain, side, ...kindOf(chance, side, wish.market.centsOf(symbol)) };
  return chance.hit(DENIED_SHARE) ? spoiled(chance, priced) : priced;
}

function plainIntent(chance: Chance, wish: Wish, symbol: SimulatedSymbol): OrderIntent {
  const { account, number, nowAtMs, market } = wish;
  const clientOrderId = parseClientOrderId(`sim-${number}`);
  assert(clientOrderId !== null, 'expected a safe client order id');
  const isFraction = chance.hit(0.08);
  return {
    account,
    clientOrderId,
    strategy: chance.one(['manual', 'walk'] as const),
    leg: 'entry',
    symbol,
    side: 'buy',
    quantity: isFraction
      ? quantity(chance.whole(1, 20) * (NANOS_PER_UNIT / 4))
      : wholeUnits(chance.whole(1, 40)),
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    orderClass: 'simple',
    takeProfit: null,
    stopLoss: null,
    purpose: 'entry',
    decidedAtMs: nowAtMs,
    validUntilMs: epochMs(nowAtMs + chance.whole(5, 40) * MINUTE_MS),
    decisionPrice: cents(market.centsOf(symbol)),
    reason: 'drawn by chance',
  };
}

type Kind = Pick<OrderIntent, 'type' | 'limitPrice' | 'stopPrice' | 'timeInForce'>;

function kindOf(chance: Chance, side: OrderIntent['side'], middle: number): Kind {
  const away = chance.whole(-20, 120);
  const towards = side === 'buy' ? -1 : 1;
  const limitPrice = cents(middle + towards * away);
  const stopPrice = cents(middle - towards * chance.whole(5, 80));
  const resting = chance.one(['day', 'day', 'gtc'] as const);
  const kinds = {
    market: { type: 'market', limitPrice: null, stopPrice: null, timeInForce: 'day' },
    limit: { type: 'limit', limitPrice, stopPrice: null, timeInForce: resting },
    immediate: { type: 'limit', limitPrice, stopPrice: null, timeInForce: 'ioc' },
    stop: { type: 'stop', limitPrice: null, stopPrice, timeInForce: resting },
    stopLimit: { type: 'stop_limit', limitPrice, stopPrice, timeInForce: resting },
  } as const satisfies Readonly<Record<string, Kind>>;
  const names = ['market', 'market', 'limit', 'limit', 'limit', 'immediate', 'stop'] as const;
  return kinds[chance.one([...names, 'stopLimit'])];
}

/** What our own rules must not let pass. */
function spoiled(chance: Chance, intent: OrderIntent): OrderIntent {
  const spoilers: readonly [() => OrderIntent, ...(() => OrderIntent)[]] = [
    () => ({ ...intent, symbol: 'NONE' }),
    () => ({ ...intent, quantity: wholeUnits(9_000) }),
    () => ({ ...intent, quantity: quantity(0) }),
    () => ({ ...intent, validUntilMs: epochMs(intent.decidedAtMs - 1) }),
    () => ({ ...intent, type: 'limit', stopPrice: null, limitPrice: subPenny(intent) }),
  ];
  return chance.one(spoilers)();
}

function subPenny({ decisionPrice }: OrderIntent): Price {
  return price((decisionPrice ?? 100_000_000_000) + 1_000_000);
}
