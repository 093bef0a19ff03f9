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
  quantity,
  usd,
  wholeUnits,
  ZERO_QUANTITY,
} from '../../../domain/values/index.js';
import { cents, type SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { Chance } from '../time/chance.js';
import { drawGroup } from './draw-group.js';
import { type MarketWalk, type SimulatedSymbol, SYMBOLS } from './market-walk.js';
import { spoiled } from './spoil-intent.js';

const MINUTE_MS = 60_000;
const SPOILED_SHARE = 0.07;
const GROUP_SHARE = 0.25;
const EXIT_SHARE = 0.15;
const AUCTION_SHARE = 0.06;
const FRACTION_SHARE = 0.08;
/** Of market orders that buy. */
const AMOUNT_SHARE = 0.25;
const CENT_MICROS = 10_000;
const AMOUNT_CENTS = [100, 300_000] as const;
/** Whether the market is open or not. */
const EXTENDED_SHARES = { open: 0.04, closed: 0.35 } as const;
/** So many look neither at what is held nor at what the hour takes. */
const CARELESS_SHARE = 0.03;
/** Some wishes end soon; most outlive the bell and the night. */
const SHORT_SHARE = 0.4;
const SHORT_MINUTES = [15, 180] as const;
const LONG_MINUTES = [1_500, 2_500] as const;

/** Who wants an order, when and on what market. */
export interface Wish {
  readonly account: string;
  readonly number: number;
  /** Market time. */
  readonly nowAtMs: EpochMs;
  readonly market: MarketWalk;
  readonly exchange: SimulatedExchange;
}

export interface Drawn {
  readonly intent: OrderIntent;
  /** Our own rules must deny it. */
  readonly isNonsense: boolean;
}

/**
 * One order that somebody wants: of any kind, class and side, near the market or far from it. Most
 * are such that they may be sent; now and then one is nonsense that our own rules must deny.
 */
export function drawIntent(chance: Chance, wish: Wish): Drawn {
  const symbol = chance.one(SYMBOLS);
  const middle = wish.market.centsOf(symbol);
  const held = holdingOf(wish.exchange, symbol);
  const isCareless = chance.hit(CARELESS_SHARE);
  const wanted = chance.one(['buy', 'buy', 'sell'] as const);
  const side = isCareless ? wanted : sideThatFits(wanted, held);
  const plain = { ...plainIntent(chance, wish, symbol), side };
  const hour = hourOf(wish.exchange, isCareless);
  const priced = { ...plain, ...kindOf(chance, hour, { side, middle }) };
  if (chance.hit(SPOILED_SHARE)) return { intent: spoiled(chance, priced), isNonsense: true };
  const intent = isCareless ? priced : sensible(chance, { priced, plain, held, middle });
  return { intent, isNonsense: false };
}

interface Draft {
  readonly priced: OrderIntent;
  /** Without its type and prices. */
  readonly plain: OrderIntent;
  readonly held: Holding;
  readonly middle: number;
}

/** A group, an exit, or the order as it is, of a size that fits what is held. */
function sensible(chance: Chance, { priced, plain, held, middle }: Draft): OrderIntent {
  const { side } = plain;
  if (chance.hit(GROUP_SHARE)) {
    const units = wholeUnits(chance.whole(1, 40));
    const against = held.signedNanos !== 0 && side !== addingSide(held);
    const entry = against ? addingSide(held) : side;
    const ground = { side: entry, quantity: units, middle, free: signedFree(held) };
    return { ...plain, ...drawGroup(chance, ground) };
  }
  if (held.freeNanos !== 0 && chance.hit(EXIT_SHARE)) return exitOf(chance, priced, held);
  return sized(chance, priced, held);
}

/** Whether the market is open, and which auction takes orders. */
interface Hour {
  readonly isOpen: boolean;
  readonly auction: 'opening' | 'closing' | null;
}

function hourOf({ isOpen, isMorning }: SimulatedExchange, isCareless: boolean): Hour {
  if (isCareless) return { isOpen, auction: isOpen ? 'opening' : 'closing' };
  return { isOpen, auction: isOpen ? 'closing' : isMorning ? 'opening' : null };
}

/** What is held of a symbol, and how much of it nothing takes out yet, in nano-units. */
interface Holding {
  readonly signedNanos: number;
  readonly freeNanos: number;
}

function holdingOf({ engine }: SimulatedExchange, symbol: string): Holding {
  const signedNanos = engine.ledger.position(symbol)?.signedNanos ?? 0;
  const out = signedNanos > 0 ? 'sell' : 'buy';
  let freeNanos = Math.abs(signedNanos);
  for (const order of engine.book.openOf(symbol)) {
    if (order.side === out) freeNanos -= order.quantity - order.filledQuantity;
  }
  return { signedNanos, freeNanos: Math.max(0, freeNanos) };
}

function addingSide({ signedNanos }: Holding): OrderIntent['side'] {
  return signedNanos < 0 ? 'sell' : 'buy';
}

/** Nothing is taken out twice: where all of it is on its way out, more is added. */
function sideThatFits(wanted: OrderIntent['side'], held: Holding): OrderIntent['side'] {
  const isAgainst = held.signedNanos !== 0 && wanted !== addingSide(held);
  return isAgainst && held.freeNanos < NANOS_PER_UNIT ? addingSide(held) : wanted;
}

function signedFree({ signedNanos, freeNanos }: Holding): number {
  return signedNanos < 0 ? -freeNanos : freeNanos;
}

/** At most what is free where it takes out; parts of units where the rules take them. */
function sized(chance: Chance, intent: OrderIntent, held: Holding): OrderIntent {
  if (held.signedNanos !== 0 && intent.side !== addingSide(held)) {
    return { ...intent, quantity: quantity(Math.min(intent.quantity, wholeNanos(held.freeNanos))) };
  }
  const takesParts = intent.side === 'buy' && intent.timeInForce === 'day';
  if (!takesParts) return intent;
  if (intent.type === 'market' && chance.hit(AMOUNT_SHARE)) {
    const amount = usd(chance.whole(...AMOUNT_CENTS) * CENT_MICROS);
    return { ...intent, quantity: ZERO_QUANTITY, amount };
  }
  if (!chance.hit(FRACTION_SHARE)) return intent;
  return { ...intent, quantity: quantity(chance.whole(1, 20) * (NANOS_PER_UNIT / 4)) };
}

function wholeNanos(nanos: number): number {
  return nanos - (nanos % NANOS_PER_UNIT);
}

/** Out of some of what is held, or of all. */
function exitOf(chance: Chance, intent: OrderIntent, held: Holding): OrderIntent {
  const units = Math.floor(held.freeNanos / NANOS_PER_UNIT);
  const part = units < 2 ? units : chance.whole(1, units);
  const all = quantity(held.freeNanos);
  return {
    ...intent,
    side: held.signedNanos > 0 ? 'sell' : 'buy',
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
  const [least, most] = chance.hit(SHORT_SHARE) ? SHORT_MINUTES : LONG_MINUTES;
  return {
    account,
    clientOrderId,
    strategy: chance.one(['manual', 'walk'] as const),
    leg: 'entry',
    symbol,
    side: 'buy',
    quantity: wholeUnits(chance.whole(1, 40)),
    amount: null,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    ...WITHOUT_EXITS,
    purpose: 'entry',
    decidedAtMs: nowAtMs,
    validUntilMs: epochMs(nowAtMs + chance.whole(least, most) * MINUTE_MS),
    decisionPrice: cents(market.centsOf(symbol)),
    reason: 'drawn by chance',
  };
}

type Kind = Pick<
  OrderIntent,
  'type' | 'limitPrice' | 'stopPrice' | 'timeInForce' | 'extendedHours'
>;

function kindOf(
  chance: Chance,
  hour: Hour,
  { side, middle }: { readonly side: OrderIntent['side']; readonly middle: number },
): Kind {
  const away = chance.whole(-20, 120);
  const towards = side === 'buy' ? -1 : 1;
  const limitPrice = cents(middle + towards * away);
  const stopPrice = cents(middle - towards * chance.whole(5, 80));
  const resting = chance.one(['day', 'day', 'gtc'] as const);
  const extendedHours = chance.hit(hour.isOpen ? EXTENDED_SHARES.open : EXTENDED_SHARES.closed);
  const regular = kindOfRegularHours(chance, hour, { limitPrice, stopPrice, resting });
  const isExtendable = regular.type === 'limit' && regular.timeInForce === resting;
  return { ...regular, extendedHours: extendedHours && isExtendable };
}

function kindOfRegularHours(
  chance: Chance,
  hour: Hour,
  drawn: {
    readonly limitPrice: Price;
    readonly stopPrice: Price;
    readonly resting: 'day' | 'gtc';
  },
): Omit<Kind, 'extendedHours'> {
  const { limitPrice, stopPrice, resting } = drawn;
  const kinds = {
    market: { type: 'market', limitPrice: null, stopPrice: null, timeInForce: 'day' },
    limit: { type: 'limit', limitPrice, stopPrice: null, timeInForce: resting },
    immediate: { type: 'limit', limitPrice, stopPrice: null, timeInForce: 'ioc' },
    stop: { type: 'stop', limitPrice: null, stopPrice, timeInForce: resting },
    stopLimit: { type: 'stop_limit', limitPrice, stopPrice, timeInForce: resting },
    opening: { type: 'market', limitPrice: null, stopPrice: null, timeInForce: 'opg' },
    closing: { type: 'limit', limitPrice, stopPrice: null, timeInForce: 'cls' },
  } as const satisfies Readonly<Record<string, Omit<Kind, 'extendedHours'>>>;
  const names = ['market', 'market', 'limit', 'limit', 'limit', 'immediate', 'stop'] as const;
  if (hour.auction !== null && chance.hit(AUCTION_SHARE)) return kinds[hour.auction];
  return kinds[chance.one([...names, 'stopLimit'])];
}
