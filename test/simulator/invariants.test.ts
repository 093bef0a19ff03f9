import { describe, expect, it } from 'vitest';
import { usd, wholeUsd } from '../../domain/values/index.js';
import type { BrokerOrder } from '../checker/journal.js';
import { soundSides } from '../unit/checker/sound-sides.js';
import { ExchangeJournal } from './exchange/exchange-journal.js';
import { AbsenceProof } from './invariants/absence-proof.js';
import { LimitsAtBroker } from './invariants/limits-at-broker.js';
import { asToldTo } from './invariants/told-journal.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Sent at 0 on a live stream, missed at one and at two minutes, not listed after four. */
function proven(): AbsenceProof {
  const proof = new AbsenceProof();
  proof.streamIs(1, 0);
  proof.sendBegan('order', 0);
  proof.lookupMissed('order', MINUTE_MS);
  proof.lookupMissed('order', 2 * MINUTE_MS);
  proof.listed(new Set(['other']), 4 * MINUTE_MS);
  return proof;
}

describe('the proof that an order never reached the broker', () => {
  it('all of it after five minutes → nothing is lacking', () => {
    expect(proven().lacks('order', 5 * MINUTE_MS)).toEqual([]);
  });

  it('a millisecond before five minutes → too early', () => {
    const lacks = proven().lacks('order', 5 * MINUTE_MS - 1);
    expect(lacks).toContain('its last send was 299999 ms ago');
  });

  it('the stream went and came back → five minutes anew', () => {
    const proof = proven();
    proof.streamIs(null, MINUTE_MS);
    proof.streamIs(1, MINUTE_MS + 1);
    expect(proof.lacks('order', 6 * MINUTE_MS)).toEqual([
      'the stream was not live for five minutes',
    ]);
  });

  it('sent again → misses and lists from before count no more', () => {
    const proof = proven();
    proof.sendBegan('order', 5 * MINUTE_MS);
    expect(proof.lacks('order', 10 * MINUTE_MS)).toEqual([
      '0 misses over 0 ms',
      'no full list was read since its last send',
    ]);
  });

  it('sent again, and proven to have made nothing → as if it had not been', () => {
    const proof = proven();
    proof.sendMadeNothing('order', proof.sendBegan('order', 5 * MINUTE_MS));
    expect(proof.lacks('order', 6 * MINUTE_MS)).toEqual([]);
  });

  it('the list shows it → no proof', () => {
    const proof = new AbsenceProof();
    proof.streamIs(1, 0);
    proof.sendBegan('order', 0);
    proof.lookupMissed('order', MINUTE_MS);
    proof.lookupMissed('order', 2 * MINUTE_MS);
    proof.listed(new Set(['order']), 4 * MINUTE_MS);
    expect(proof.lacks('order', 5 * MINUTE_MS)).toHaveLength(1);
  });
});

const DOLLAR = 1_000_000_000;
const UNIT = 1_000_000_000n;

function orderOf(id: string, change: Partial<BrokerOrder> = {}): BrokerOrder {
  return {
    id,
    clientOrderId: id,
    symbol: 'SPY',
    side: 'buy',
    type: 'limit',
    timeInForce: 'day',
    quantityNanos: 100n * UNIT,
    limitPriceNanos: null,
    stopPriceNanos: null,
    status: 'new',
    filledNanos: 0n,
    ...change,
  };
}

/** 100,000 USD of own money; 25,000 USD an order, 50,000 USD a position. SPY is at 100 USD. */
function limits(orders: readonly BrokerOrder[]): LimitsAtBroker {
  const journal = new ExchangeJournal(100_000_000_000n);
  for (const order of orders) journal.orders.set(order.id, order);
  const range = { lowest: 100 * DOLLAR, highest: 101 * DOLLAR };
  return new LimitsAtBroker({
    journal,
    limits: {
      orderNotionalMax: wholeUsd(25_000),
      positionNotionalMax: wholeUsd(50_000),
      leverageHundredths: 100,
    },
    quotedRanges: new Map(['SPY', 'IBM', 'KO'].map((symbol) => [symbol, range])),
  });
}

describe('limits at the broker', () => {
  it('within all of them → nothing to say, for each order once', () => {
    const judged = limits([orderOf('one'), orderOf('two', { quantityNanos: 250n * UNIT })]);
    expect([judged.faultsOf('one'), judged.faultsOf('two')]).toEqual([[], []]);
  });

  it('an order above its limit → named', () => {
    const judged = limits([orderOf('large', { quantityNanos: 251n * UNIT })]);
    expect(judged.faultsOf('large')).toEqual([
      `I9: order large is worth ${usd(25_100_000_000)}, the limit is 25000000000`,
    ]);
    expect(judged.faultsOf('large')).toEqual([]);
  });

  it('what is open beside it counts → the position is above its limit', () => {
    const size = { quantityNanos: 200n * UNIT };
    const judged = limits([orderOf('a', size), orderOf('b', size), orderOf('c', size)]);
    expect(judged.faultsOf('c')).toEqual([
      'I9: c may make SPY 60000000000, the limit is 50000000000',
    ]);
  });

  it('what waits for its group, has ended or is not ours counts nothing', () => {
    const size = { quantityNanos: 200n * UNIT };
    const judged = limits([
      orderOf('a', { ...size, status: 'held' }),
      orderOf('b', { ...size, status: 'canceled' }),
      orderOf('foreign-1', size),
      orderOf('c', size),
    ]);
    expect(judged.faultsOf('c')).toEqual([]);
  });

  it('all symbols together → more than own money', () => {
    const own = ['SPY', 'IBM', 'KO'].flatMap((symbol) => [
      orderOf(`${symbol}-1`, { symbol, quantityNanos: 200n * UNIT }),
      orderOf(`${symbol}-2`, { symbol, quantityNanos: 200n * UNIT }),
    ]);
    expect(limits(own).faultsOf('KO-2')).toEqual([
      'I9: with KO-2 120000000000 may be held, own money allows 100000000000',
    ]);
  });
});

describe('the exchange as far as the books were told', () => {
  it('one trade got another price and one was taken back, both unheard → as they were', () => {
    const { books, journal: happened } = soundSides();
    const [first, second, ...others] = happened.executions;
    if (first === undefined || second === undefined) throw new Error('expected two executions');
    const journal = new ExchangeJournal(happened.openingCashMicros);
    journal.executions.push(first, ...others);
    const cheaper = { ...first, priceNanos: first.priceNanos - 1n };
    journal.changes.push(
      { kind: 'trade_correct', eventId: 'unheard-1', before: cheaper },
      { kind: 'trade_bust', eventId: 'unheard-2', before: second },
    );
    const { executions } = asToldTo(books, journal, () => true);
    expect(executions.map(({ executionId }) => executionId)).toEqual([
      'execution-1',
      'execution-3',
      'execution-2',
    ]);
  });
});
