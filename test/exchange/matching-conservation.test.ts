import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, type MatchingEngine, type OrderEvent } from '../../exchange/matching/index.js';
import { price } from '../../domain/values/index.js';
import {
  CLOSE,
  minute,
  NEXT_CLOSE,
  openEngine,
  orderOf,
  quoteOf,
  SYMBOL,
  barOf,
} from './matching-scene.js';

/** One thing that happens at a venue, in the words of the scene. */
type Happening =
  | { readonly kind: 'order'; readonly text: string }
  | { readonly kind: 'cancel'; readonly index: number }
  | { readonly kind: 'replace'; readonly index: number; readonly cents: number }
  | { readonly kind: 'quote'; readonly bidCents: number; readonly widthCents: number }
  | { readonly kind: 'bar'; readonly cents: readonly [number, number, number] };

const cents = fc.integer({ min: 9_500, max: 10_500 });
const dollars = (value: number) => (value / 100).toFixed(2);

const order = fc
  .record({
    side: fc.constantFrom('buy', 'sell'),
    units: fc.oneof(fc.integer({ min: 1, max: 200 }).map(String), fc.constant('0.125')),
    type: fc.constantFrom(
      'market' as const,
      'limit' as const,
      'stop' as const,
      'stop_limit' as const,
    ),
    first: cents,
    second: cents,
    timeInForce: fc.constantFrom('day', 'gtc', 'ioc', 'fok', 'cls'),
  })
  .map(({ side, units, type, first, second, timeInForce }): Happening => {
    const prices = {
      market: [],
      limit: [dollars(first)],
      stop: [dollars(first)],
      stop_limit: [`${dollars(first)}/${dollars(second)}`],
    }[type];
    return { kind: 'order', text: [side, units, type, ...prices, timeInForce].join(' ') };
  });

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: order },
  fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(60) }),
  fc.record({ kind: fc.constant('replace' as const), index: fc.nat(60), cents }),
  fc.record({
    kind: fc.constant('quote' as const),
    bidCents: cents,
    widthCents: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ kind: fc.constant('bar' as const), cents: fc.tuple(cents, cents, cents) }),
);

function happen(engine: MatchingEngine, what: Happening, at: number): readonly OrderEvent[] {
  const atMs = minute(at);
  const known = engine.book.all();
  switch (what.kind) {
    case 'order': {
      const result = engine.place(orderOf(what.text), atMs);
      return result.ok ? result.events : [];
    }
    case 'cancel': {
      const result = engine.cancel(known[what.index]?.id ?? 'none', atMs);
      return result.ok ? result.events : [];
    }
    case 'replace': {
      const change = {
        clientOrderId: null,
        quantity: null,
        limitPrice: price(what.cents * 10_000_000),
        stopPrice: null,
        timeInForce: null,
      };
      const target = known[what.index];
      if (target === undefined || target.limitPrice === null) return [];
      const result = engine.replace(target.id, change, { atMs });
      return result.ok ? result.events : [];
    }
    case 'quote': {
      const { bidCents, widthCents } = what;
      return engine.onQuote(quoteOf(`${dollars(bidCents)}/${dollars(bidCents + widthCents)}`, at));
    }
    case 'bar': {
      const [open, close, other] = what.cents;
      const high = dollars(Math.max(open, close, other));
      const low = dollars(Math.min(open, close, other));
      return engine.onBar(barOf(`${dollars(open)} ${high} ${low} ${dollars(close)}`, at - 1));
    }
  }
}

/** The checker's own arithmetic: 1e-18 dollars as bigint, rounded half up to micro-dollars. */
function spentMicros(unitPrice: number, units: number): bigint {
  return (BigInt(unitPrice) * BigInt(units) + 500_000_000_000n) / 1_000_000_000_000n;
}

function run(seed: string, happenings: readonly Happening[]) {
  const engine = openEngine({ seed, partialFillShare: 0.3, quote: '99.99/100.01' });
  const events = happenings.flatMap((what, index) => happen(engine, what, index + 1));
  events.push(...engine.closeSession(CLOSE, NEXT_CLOSE));
  return { engine, events };
}

describe('matching: any sequence of orders and market events', () => {
  const sequences = fc.array(happening, { minLength: 1, maxLength: 80, size: 'max' });

  it('cash and units are conserved → equal to the sum of the executions', () => {
    fc.assert(
      fc.property(sequences, (happenings) => {
        const { engine, events } = run('conserve', happenings);
        let micros = 100_000_000_000n;
        let nanos = 0n;
        for (const { execution } of events) {
          if (execution === null) continue;
          const sign = execution.side === 'buy' ? 1n : -1n;
          micros -= sign * spentMicros(execution.price, execution.quantity);
          nanos += sign * BigInt(execution.quantity);
        }
        expect(BigInt(engine.ledger.values().cash)).toBe(micros);
        expect(BigInt(engine.ledger.position(SYMBOL)?.signedNanos ?? 0)).toBe(nanos);
      }),
      { numRuns: 300 },
    );
  });

  it('fills → never beyond the quantity, never through the limit, never after the end', () => {
    fc.assert(
      fc.property(sequences, (happenings) => {
        const { engine, events } = run('limits', happenings);
        const filled = new Map<string, number>();
        const closed = new Set<string>();
        for (const { order: after, execution } of events) {
          expect(closed.has(after.id)).toBe(false);
          if (!isOpen(after)) closed.add(after.id);
          if (execution === null) continue;
          const sum = (filled.get(after.id) ?? 0) + execution.quantity;
          filled.set(after.id, sum);
          expect(execution.cumulativeQuantity).toBe(sum);
          expect(sum).toBeLessThanOrEqual(after.quantity);
          if (after.limitPrice === null) continue;
          if (after.side === 'buy') expect(execution.price).toBeLessThanOrEqual(after.limitPrice);
          else expect(execution.price).toBeGreaterThanOrEqual(after.limitPrice);
        }
        const open = engine.book.open().map(({ timeInForce }) => timeInForce);
        expect(open.every((timeInForce) => timeInForce === 'gtc')).toBe(true);
        const listed = engine.book
          .all()
          .filter(isOpen)
          .map(({ id }) => id);
        expect(engine.book.open().map(({ id }) => id)).toEqual(listed);
      }),
      { numRuns: 300 },
    );
  });

  it('the same seed and the same sequence → the same events and state', () => {
    fc.assert(
      fc.property(fc.string(), sequences, (seed, happenings) => {
        const first = run(seed, happenings);
        const second = run(seed, happenings);
        expect(second.events).toEqual(first.events);
        expect(second.engine.snapshot()).toEqual(first.engine.snapshot());
      }),
      { numRuns: 100 },
    );
  });

  it('nothing open → nothing reserved', () => {
    fc.assert(
      fc.property(sequences, (happenings) => {
        const { engine } = run('reserve', happenings);
        for (const { id } of engine.book.open()) engine.cancel(id, CLOSE);
        expect(engine.book.reservedCash).toBe(0);
        expect(engine.book.open()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
