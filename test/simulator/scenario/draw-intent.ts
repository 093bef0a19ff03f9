import {
  type OrderIntent,
  parseClientOrderId,
  WITHOUT_EXITS,
} from '../../../domain/order/index.js';
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
import { cents, type SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { Chance } from '../time/chance.js';
import { drawGroup } from './draw-group.js';
import { type MarketWalk, type SimulatedSymbol, SYMBOLS } from './market-walk.js';

const MINUTE_MS = 60_000;
const DENIED_SHARE = 0.12;
const GROUP_SHARE = 0.25;
const EXIT_SHARE = 0.12;
const AUCTION_SHARE = 0.06;

/** Who wants an order, when and on what market. */
export interface Wish {
  readonly account: string;
  readonly number: number;
  /** Market time. */
  readonly nowAtMs: EpochMs;
  readonly market: MarketWalk;
  readonly exchange: SimulatedExchange;
}

/**
 * One order that somebody wants: of any kind, class and side, near the market or far from it, and
 * now and then one that our own rules must deny.
 */
export function drawIntent(chance: Chance, wish: Wish): OrderIntent {
  const symbol = chance.one(SYMBOLS);
  const side = chance.one(['buy', 'buy', 'sell'] as const);
  const plain = plainIntent(chance, wish, symbol);
  const middle = wish.market.centsOf(symbol);
  const held = wish.exchange.engine.ledger.position(symbol)?.signedNanos ?? 0;
  const priced = { ...plain, side, ...kindOf(chance, side, middle) };
  if (chance.hit(DENIED_SHARE)) return spoiled(chance, priced);
  if (chance.hit(GROUP_SHARE)) {
    const units = wholeUnits(chance.whole(1, 40));
    return { ...plain, ...drawGroup(chance, { side, quantity: units, middle, held }) };
  }
  return held !== 0 && chance.hit(EXIT_SHARE) ? exitOf(chance, priced, held) : priced;
}

/** Out of some of what is held, or of all. */
function exitOf(chance: Chance, intent: OrderIntent, held: number): OrderIntent {
  const units = Math.floor(Math.abs(held) / NANOS_PER_UNIT);
  const part = units < 2 ? units : chance.whole(1, units);
  const all = quantity(Math.abs(held));
  return {
    ...intent,
    side: held > 0 ? 'sell' : 'buy',
    quantity: part === 0 || chance.hit(0.4) ? all : wholeUnits(part),
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    purpose: 'exit',
  };
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
    amount: null,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    ...WITHOUT_EXITS,
    purpose: 'entry',
    decidedAtMs: nowAtMs,
    validUntilMs: epochMs(nowAtMs + chance.whole(15, 180) * MINUTE_MS),
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
    opening: { type: 'market', limitPrice: null, stopPrice: null, timeInForce: 'opg' },
    closing: { type: 'limit', limitPrice, stopPrice: null, timeInForce: 'cls' },
  } as const satisfies Readonly<Record<string, Kind>>;
  const names = ['market', 'market', 'limit', 'limit', 'limit', 'immediate', 'stop'] as const;
  if (chance.hit(AUCTION_SHARE)) return kinds[chance.one(['opening', 'closing'] as const)];
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
