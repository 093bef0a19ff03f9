import { describe, expect, it } from 'vitest';
import { parkOrder } from '../../../activities/order/park-order.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { unparkSymbol } from '../../../activities/reconciliation/unpark-symbol.js';
import { ACCOUNT, openTestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { auditOf, inputOf, ORDER_ID, rowOf, standingOf } from './order-of-test.js';

const request = { symbol: 'SPY', operator: 'ann', reason: 'looked at it' };

describe('unparkSymbol', () => {
  it('a parked symbol and its order → free, on record; entries pass again', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const parked = { clientOrderId: ORDER_ID, reason: 'odd' };
    await test.books.transaction(ACCOUNT, (transaction) =>
      parkOrder(transaction, test.world, parked),
    );
    const next = inputOf({ clientOrderId: idOf('next') });
    expect((await placeOrder(test.world, next)).state).toBe('denied');
    const answer = await unparkSymbol(test.world, request);
    expect(answer).toEqual({ outcome: 'unparked', was: 'odd', orders: [ORDER_ID] });
    expect((await rowOf(test)).order.parkedReason).toBeNull();
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await auditOf(test)).toContain('symbol_unparked');
    const history = await test.world.reader.orders.eventsOf(ORDER_ID);
    expect(history.at(-1)).toMatchObject({ kind: 'unparked', source: 'operator' });
    const later = inputOf({ clientOrderId: idOf('later') });
    expect((await placeOrder(test.world, later)).state).toBe('accepted');
  });

  it('nothing is parked, or nobody knows the symbol → said, and nothing is written', async () => {
    const test = await openTestWorld();
    const before = await auditOf(test);
    expect(await unparkSymbol(test.world, request)).toEqual({ outcome: 'not_parked' });
    const unknown = { ...request, symbol: 'NONE' };
    expect(await unparkSymbol(test.world, unknown)).toEqual({ outcome: 'unknown_symbol' });
    expect(await auditOf(test)).toEqual(before);
  });
});
