import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFill, flatPosition, type Position } from '../../domain/position/index.js';
import { foldTrade, type Trade, type TradeInProgress } from '../../domain/trade/index.js';
import {
  epochMs,
  notionalRounded,
  type Price,
  price,
  type Quantity,
  quantity,
  usd,
} from '../../domain/values/index.js';

interface RandomFill {
  readonly side: 'buy' | 'sell';
  readonly units: Quantity;
  readonly unitPrice: Price;
  readonly fee: number;
}

const FILL: fc.Arbitrary<RandomFill> = fc.record({
  side: fc.constantFrom('buy', 'sell'),
  // Whole shares, fractions, and single nano-shares.
  units: fc
    .oneof(
      fc.integer({ min: 1, max: 500 }).map((shares) => shares * 1_000_000_000),
      fc.integer({ min: 1, max: 3_000_000_000 }),
      fc.constant(1),
    )
    .map(quantity),
  unitPrice: fc.integer({ min: 100_000, max: 900_000_000_000 }).map(price),
  fee: fc.integer({ min: 0, max: 2_000_000 }),
});

describe('applyFill, any fills', () => {
  it('every prefix → cash equals realised less signed cost, to the micro-dollar', () => {
    fc.assert(
      fc.property(fc.array(FILL, { minLength: 1, maxLength: 60 }), (fills) => {
        let position = flatPosition('SPY', epochMs(0));
        let cash = 0n;
        let held = 0n;
        for (const [index, fill] of fills.entries()) {
          const change = apply(position, fill, index);
          cash += fill.side === 'buy' ? -notionalOf(fill) : notionalOf(fill);
          held += fill.side === 'buy' ? BigInt(fill.units) : -BigInt(fill.units);
          expect(change.closedQuantity + change.openedQuantity).toBe(fill.units);
          expect(BigInt(change.closedNotional) + BigInt(change.openedNotional)).toBe(
            notionalOf(fill),
          );
          position = change.position;
          expect(cash).toBe(BigInt(position.realizedPnl) - signedCost(position));
          expect(signedQuantity(position)).toBe(held);
          expectWellFormed(position);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('10,000 fills, then flat → no drift: realised is the cash, nothing is left', () => {
    const fills = fc.sample(FILL, { numRuns: 10_000, seed: 20131007 });
    let position = flatPosition('SPY', epochMs(0));
    let cash = 0n;
    let worstAverageErrorMicros = 0;
    for (const [index, fill] of fills.entries()) {
      const heldBefore = position;
      position = apply(position, fill, index).position;
      cash += fill.side === 'buy' ? -notionalOf(fill) : notionalOf(fill);
      if (heldBefore.side === position.side && position.quantity < heldBefore.quantity) {
        worstAverageErrorMicros = Math.max(
          worstAverageErrorMicros,
          Math.abs(exactCost(heldBefore, position) - position.costBasis),
        );
      }
    }
    expect(position.quantity).toBeGreaterThan(0);
    const last = price(100_000_000_000);
    const side = position.side === 'long' ? 'sell' : 'buy';
    const closing = { side, units: position.quantity, unitPrice: last, fee: 0 } as const;
    position = apply(position, closing, 10_001).position;
    cash += side === 'buy' ? -notionalOf(closing) : notionalOf(closing);
    expect(worstAverageErrorMicros).toBeLessThanOrEqual(0.5 + 1e-3);
    expect(position).toMatchObject({ side: 'flat', quantity: 0, costBasis: 0 });
    expect(BigInt(position.realizedPnl)).toBe(cash);
  });
});

describe('foldTrade, any fills', () => {
  it('every prefix → trades share out realised profit and fees to the micro-dollar', () => {
    fc.assert(
      fc.property(fc.array(FILL, { minLength: 1, maxLength: 60 }), (fills) => {
        let position = flatPosition('SPY', epochMs(0));
        let open: TradeInProgress | null = null;
        const closed: Trade[] = [];
        let fees = 0;
        for (const [index, fill] of fills.entries()) {
          const change = apply(position, fill, index);
          const folded = foldTrade(open, toTradeFill(fill, index), change);
          position = change.position;
          open = folded.inProgress;
          if (folded.closed !== null) closed.push(folded.closed);
          fees += fill.fee;
          const all = open === null ? closed : [...closed, open];
          expect(sum(all.map((trade) => trade.realizedPnl))).toBe(position.realizedPnl);
          expect(sum(all.map((trade) => trade.fees))).toBe(fees);
          expect(open === null).toBe(position.side === 'flat');
          expect(open?.side ?? 'flat').toBe(position.side);
          expect((open?.entryQuantity ?? 0) - (open?.exitQuantity ?? 0)).toBe(position.quantity);
        }
        expect(closed.filter((trade) => trade.entryQuantity !== trade.exitQuantity)).toEqual([]);
        expect(closed.map(earnedByCash)).toEqual(closed.map((trade) => trade.realizedPnl));
      }),
      { numRuns: 300 },
    );
  });
});

function apply(position: Position, fill: RandomFill, index: number) {
  return applyFill(position, toTradeFill(fill, index));
}

function toTradeFill(fill: RandomFill, index: number) {
  return {
    fillId: `fill-${index}`,
    strategy: 'any',
    symbol: 'SPY',
    side: fill.side,
    quantity: fill.units,
    price: fill.unitPrice,
    notional: notionalRounded(fill.unitPrice, fill.units),
    fee: usd(fill.fee),
    decisionPrice: null,
    atMs: epochMs(index),
  };
}

/** Independent of the code under test: plain fractions, half away from zero. */
function notionalOf(fill: RandomFill): bigint {
  const product = BigInt(fill.unitPrice) * BigInt(fill.units);
  return (2n * product + 10n ** 12n) / (2n * 10n ** 12n);
}

function signedCost(position: Position): bigint {
  return position.side === 'short' ? -BigInt(position.costBasis) : BigInt(position.costBasis);
}

function signedQuantity(position: Position): bigint {
  return position.side === 'short' ? -BigInt(position.quantity) : BigInt(position.quantity);
}

/** What the cost would be after a reduction without any rounding. */
function exactCost(before: Position, after: Position): number {
  return (before.costBasis * after.quantity) / before.quantity;
}

function expectWellFormed(position: Position): void {
  const isFlat = position.side === 'flat';
  expect(position.quantity === 0).toBe(isFlat);
  expect(position.enteredAtMs === null).toBe(isFlat);
  if (isFlat) expect(position.costBasis).toBe(0);
  expect(position.costBasis).toBeGreaterThanOrEqual(0);
}

function earnedByCash(trade: Trade): number {
  const gain = trade.exitNotional - trade.entryNotional;
  return trade.side === 'long' ? gain : 0 - gain;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
