import { deriveClientOrderId, type OrderIntent, WITHOUT_EXITS } from '../../domain/order/index.js';
import { INTENT_VALID_MS } from '../../domain/signal/index.js';
import { epochMs, wholeUnits } from '../../domain/values/index.js';
import type { World } from '../../activities/world.js';
import type { OrderInput } from '../../workflows/contract/index.js';

/**
 * Where orders come from one after the other: a lane buys one unit of its own symbol, then sells
 * it, and so on. Lanes do not meet, so that any number of them may be in flight.
 */
export interface Lane {
  readonly symbol: string;
  /** The next order. The one before must be filled. */
  next(): OrderInput;
}

/** Market time stands still here; a wish of this age is still valid. */
const LOOK_BACK_MS = 60_000;

/** One lane for each symbol. What they number goes through all lanes, so that ids never repeat. */
export function openLanes(world: World, symbols: readonly string[]): readonly Lane[] {
  let number = 0;
  return symbols.map((symbol) => {
    let isLong = false;
    return {
      symbol,
      next: () => {
        number += 1;
        const side = isLong ? 'sell' : 'buy';
        isLong = !isLong;
        // Each decision is of an instant of its own: what was decided on a bar is decided once.
        const decidedAtMs = epochMs(world.marketClock.nowMs() - LOOK_BACK_MS + number);
        const order = { symbol, side, leg: legOf(number), decidedAtMs } as const;
        return orderInput(world, marketIntent(world, order));
      },
    };
  });
}

/** A leg for a number: it tells apart orders of one symbol and one instant of market time. */
export function legOf(number: number): string {
  return number.toString(36);
}

/** What a session hands to the order's driver. */
export function orderInput(world: World, intent: OrderIntent): OrderInput {
  return {
    intent,
    correlationId: intent.clientOrderId,
    isResumed: false,
    pollIntervalMs: world.settings.pollIntervalMs,
  };
}

/** An order of one unit at the market, decided now unless another instant is given. */
export function marketIntent(
  world: World,
  order: Pick<OrderIntent, 'symbol' | 'side' | 'leg'> & Partial<Pick<OrderIntent, 'decidedAtMs'>>,
): OrderIntent {
  const { symbol, side, leg, decidedAtMs = world.marketClock.nowMs() } = order;
  const strategy = 'bench';
  return {
    account: world.account,
    clientOrderId: deriveClientOrderId({ strategy, symbol, decidedAtMs, leg }),
    strategy,
    leg,
    symbol,
    side,
    quantity: wholeUnits(1),
    amount: null,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    ...WITHOUT_EXITS,
    purpose: side === 'buy' ? 'entry' : 'exit',
    decidedAtMs,
    validUntilMs: epochMs(decidedAtMs + INTENT_VALID_MS),
    decisionPrice: world.quotes.quote(symbol)?.askPrice ?? null,
    reason: 'measured',
  };
}
