import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Execution,
  type Handling,
  isHeld,
  isOpen,
  type MatchingEngine,
  type OrderEvent,
  type OrderRequest,
  type PlaceResult,
} from '../../exchange/matching/index.js';
import { epochMs, MINUTE_MS, price, type Usd, usd } from '../../domain/values/index.js';
import {
  barOf,
  CLOSE,
  dayEngine,
  minute,
  NEXT_CLOSE,
  OPEN,
  orderOf,
  quoteOf,
  SYMBOL,
} from './matching-scene.js';

const CENT = 10_000_000;
const cents = fc.integer({ min: 9_500, max: 10_500 });
const handling = fc.constantFrom<Handling>('normal', 'normal', 'normal', 'stuck', 'reject');

const order = fc.record({
  kind: fc.constant('order' as const),
  side: fc.constantFrom('buy', 'sell'),
  units: fc.constantFrom('1', '7', '40', '0.125'),
  type: fc.constantFrom('market', 'limit', 'stop', 'stop_limit'),
  orderClass: fc.constantFrom(
    'simple' as const,
    'bracket' as const,
    'oco' as const,
    'oto' as const,
  ),
  isExtended: fc.boolean(),
  isNotional: fc.boolean(),
  timeInForce: fc.constantFrom('day', 'gtc', 'ioc', 'fok', 'cls'),
  first: cents,
  second: cents,
  spread: fc.integer({ min: 1, max: 300 }),
  handling,
});
const happening = fc.oneof(
  { weight: 6, arbitrary: order },
  fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(40), handling }),
  fc.record({ kind: fc.constant('replace' as const), index: fc.nat(40), cents, handling }),
  fc.record({ kind: fc.constant('release' as const), index: fc.nat(40) }),
  fc.record({ kind: fc.constant('bust' as const), index: fc.nat(5), cents: fc.option(cents) }),
  fc.record({
    kind: fc.constant('quote' as const),
    bid: cents,
    width: fc.integer({ min: 1, max: 20 }),
    isEmpty: fc.boolean(),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('trade' as const), cents }) },
  fc.record({ kind: fc.constant('bar' as const), cents: fc.tuple(cents, cents, cents) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function requestOf(what: Extract<Happening, { kind: 'order' }>): OrderRequest {
  const { side, units, type, timeInForce, orderClass, spread } = what;
  const dollars = (value: number) => (value / 100).toFixed(2);
  const prices: Readonly<Record<string, readonly string[]>> = {
    market: [],
    limit: [dollars(what.first)],
    stop: [dollars(what.first)],
    stop_limit: [`${dollars(what.first)}/${dollars(what.second)}`],
  };
  const words = [side, units, type, ...(prices[type] ?? []), timeInForce];
  const isLong = orderClass === 'oco' ? side === 'sell' : side === 'buy';
  const away = (direction: number) => price((what.first + direction * spread) * CENT);
  const notional: Usd | null = what.isNotional && timeInForce === 'day' ? usd(50_000_000) : null;
  const stopLoss = { stopPrice: away(isLong ? -1 : 1), limitPrice: null };
  return {
    ...orderOf(words.join(' ')),
    orderClass,
    extendedHours: what.isExtended && type === 'limit' && orderClass === 'simple',
    takeProfit: orderClass === 'simple' || orderClass === 'oto' ? null : away(isLong ? 1 : -1),
    stopLoss: orderClass === 'simple' ? null : stopLoss,
    notional: orderClass === 'simple' ? notional : null,
  };
}

/** The executions that stand: what the books must add up to. */
class Standing {
  readonly executions: Execution[] = [];

  note(events: readonly OrderEvent[]): readonly OrderEvent[] {
    for (const { type, execution, previousExecutionId } of events) {
      if (execution === null) continue;
      const index = this.executions.findIndex(({ id }) => id === previousExecutionId);
      if (index >= 0) this.executions.splice(index, 1);
      if (type !== 'trade_bust') this.executions.push(execution);
    }
    return events;
  }
}

function eventsOf(result: PlaceResult): readonly OrderEvent[] {
  return result.ok ? result.events : [];
}

function happen(
  engine: MatchingEngine,
  what: Happening,
  scene: { readonly at: number; readonly standing: Standing },
): readonly OrderEvent[] {
  const atMs = minute(scene.at);
  const target = 'index' in what ? engine.book.all()[what.index] : undefined;
  switch (what.kind) {
    case 'order':
      return eventsOf(engine.place(requestOf(what), atMs, { handling: what.handling }));
    case 'cancel':
      return eventsOf(engine.cancel(target?.id ?? 'none', atMs, what.handling));
    case 'replace': {
      if (target === undefined || target.limitPrice === null) return [];
      const limitPrice = price(what.cents * CENT);
      const rest = { clientOrderId: null, quantity: null, stopPrice: null, timeInForce: null };
      const change = { ...rest, limitPrice };
      return eventsOf(engine.replace(target.id, change, { atMs, handling: what.handling }));
    }
    case 'release':
      return target === undefined ? [] : engine.release(target.id, atMs);
    case 'bust': {
      const execution = scene.standing.executions[what.index];
      if (execution === undefined) return [];
      const corrected = what.cents === null ? null : price(what.cents * CENT);
      const change =
        corrected === null
          ? { kind: 'bust' as const }
          : { kind: 'correct' as const, price: corrected };
      return [engine.changeTrade(execution, change, atMs)];
    }
    case 'quote': {
      const [bid, ask] = [what.bid, what.bid + what.width].map((one) => (one / 100).toFixed(2));
      return engine.onQuote(quoteOf(what.isEmpty ? '/' : `${bid}/${ask}`, scene.at));
    }
    case 'trade': {
      const size = orderOf('buy 100 market day').quantity;
      return engine.onTrade({ symbol: SYMBOL, atMs, price: price(what.cents * CENT), size });
    }
    case 'bar': {
      const [open, close, other] = what.cents;
      const four = [open, Math.max(open, close, other), Math.min(open, close, other), close];
      return engine.onBar(barOf(four.map((one) => (one / 100).toFixed(2)).join(' '), scene.at - 1));
    }
  }
}

/** A day of happenings: the first ten before the open, then the session, the close, the evening. */
function runDay(happenings: readonly Happening[]) {
  const engine = dayEngine(0.4, JSON.stringify(happenings));
  const standing = new Standing();
  const events: OrderEvent[] = [...engine.onQuote(quoteOf('99.99/100.01', -60))];
  const early = happenings.slice(0, 10);
  for (const [index, what] of early.entries()) {
    events.push(...standing.note(happen(engine, what, { at: index - 40, standing })));
  }
  events.push(...standing.note(engine.openSession(OPEN)));
  for (const [index, what] of happenings.slice(10).entries()) {
    events.push(...standing.note(happen(engine, what, { at: index + 1, standing })));
  }
  events.push(...standing.note(engine.closeSession(CLOSE, NEXT_CLOSE)));
  events.push(...standing.note(engine.endExtendedHours(epochMs(CLOSE + 240 * MINUTE_MS))));
  return { engine, events, standing };
}

/** The checker's own arithmetic: 1e-18 dollars as bigint, rounded half up to micro-dollars. */
function spentMicros({ price: unitPrice, quantity: units }: Execution): bigint {
  return (BigInt(unitPrice) * BigInt(units) + 500_000_000_000n) / 1_000_000_000_000n;
}

describe('matching: anything that can happen to a venue in a day', () => {
  const days = fc.array(happening, { minLength: 10, maxLength: 90, size: 'max' });

  it('cash and units → what the standing executions add up to', () => {
    fc.assert(
      fc.property(days, (happenings) => {
        const { engine, standing } = runDay(happenings);
        let micros = 100_000_000_000n;
        let nanos = 0n;
        for (const execution of standing.executions) {
          const sign = execution.side === 'buy' ? 1n : -1n;
          micros -= sign * spentMicros(execution);
          nanos += sign * BigInt(execution.quantity);
        }
        expect(BigInt(engine.ledger.values().cash)).toBe(micros);
        expect(BigInt(engine.ledger.position(SYMBOL)?.signedNanos ?? 0)).toBe(nanos);
      }),
      { numRuns: 250 },
    );
  });

  it('fills → within quantity and limit, of living orders only, never of held legs', () => {
    fc.assert(
      fc.property(days, (happenings) => {
        const closed = new Set<string>();
        for (const { type, order: after, execution } of runDay(happenings).events) {
          const isOfTrade = type === 'trade_bust' || type === 'trade_correct';
          if (!isOfTrade) expect(closed.has(after.id), `${type} after the end`).toBe(false);
          if (!isOpen(after)) closed.add(after.id);
          expect(after.filledQuantity).toBeLessThanOrEqual(after.quantity);
          if (execution === null || isOfTrade) continue;
          expect(isHeld(after)).toBe(false);
          expect(after.workingSinceMs).not.toBeNull();
          if (after.type === 'stop' && after.side === 'buy' && after.stopPrice !== null) {
            expect(execution.price).toBeLessThanOrEqual(after.stopPrice * 1.04);
          }
          if (after.limitPrice === null) continue;
          if (after.side === 'buy') expect(execution.price).toBeLessThanOrEqual(after.limitPrice);
          else expect(execution.price).toBeGreaterThanOrEqual(after.limitPrice);
        }
      }),
      { numRuns: 250 },
    );
  });

  it('the evening → only good-till-canceled orders live; groups live or end together', () => {
    fc.assert(
      fc.property(days, (happenings) => {
        const { engine } = runDay(happenings);
        const open = engine.book.open();
        expect(open.filter(({ timeInForce }) => timeInForce !== 'gtc')).toEqual([]);
        for (const leg of open.filter(({ parentId }) => parentId !== null)) {
          const parent = engine.book.get(leg.parentId ?? '');
          // A stop that was reached has canceled its sibling, which the root of an oco is.
          const isReached = leg.isElected && leg.orderClass === 'oco';
          const ended = ['canceled', 'expired', 'rejected', 'replaced'];
          if (!isReached) expect(ended).not.toContain(parent.status);
          // A replacement that is pending stands behind the leg whose place it wants.
          const isPending = leg.status === 'pending_new';
          expect(parent.legIds).toContain(isPending ? leg.replaces : leg.id);
        }
        for (const { id } of open) {
          engine.release(id, CLOSE);
          engine.cancel(id, CLOSE);
        }
        expect(engine.book.open()).toEqual([]);
        expect(engine.book.reservedCash).toBe(0);
        expect(engine.book.unfilledOn(SYMBOL, 'buy')).toBe(0);
        expect(engine.book.unfilledOn(SYMBOL, 'sell')).toBe(0);
      }),
      { numRuns: 250 },
    );
  });

  it('exits of a group → together never more than its entry has filled', () => {
    fc.assert(
      fc.property(days, (happenings) => {
        const withoutBusts = happenings.filter(({ kind }) => kind !== 'bust');
        const { engine } = runDay(withoutBusts);
        const entries = engine.book
          .all()
          .filter(({ orderClass, parentId }) => orderClass === 'bracket' && parentId === null);
        for (const entry of entries) {
          const exits = engine.book.all().filter(({ parentId }) => parentId === entry.id);
          const sold = exits.reduce((sum, leg) => sum + leg.filledQuantity, 0);
          expect(sold).toBeLessThanOrEqual(entry.filledQuantity);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('these days → reach every kind of event, and fill both kinds of exits', () => {
    const types = new Set<string>();
    const exits = new Set<string>();
    for (const happenings of fc.sample(days, { numRuns: 300, seed: 7 })) {
      for (const { type, order: after, execution } of runDay(happenings).events) {
        types.add(type);
        const isExit = execution !== null && after.parentId !== null;
        if (isExit) exits.add(`${after.orderClass} ${after.type}`);
      }
    }
    expect([...types].sort()).toEqual([
      'accepted',
      'canceled',
      'expired',
      'fill',
      'held',
      'new',
      'order_cancel_rejected',
      'order_replace_rejected',
      'partial_fill',
      'pending_cancel',
      'pending_new',
      'pending_replace',
      'rejected',
      'replaced',
      'trade_bust',
      'trade_correct',
    ]);
    expect([...exits].sort()).toEqual(['bracket limit', 'bracket stop', 'oco stop', 'oto stop']);
  });
});
