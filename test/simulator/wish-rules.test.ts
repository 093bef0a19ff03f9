import { describe, expect, it } from 'vitest';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import { quantity } from '../../domain/values/index.js';
import { newAccount } from '../store/rows-fixture.js';
import { intentOf, newOrder } from '../unit/domain/order/order-fixture.js';
import type { BrokerOrder } from '../checker/journal.js';
import { WishRules } from './invariants/wish-rules.js';

const { order, intent } = { order: newOrder(), intent: intentOf() };
const { clientOrderId } = intent;
const ROW = { order, parent: null, replaces: null };

/** The order as an exchange has it that was told the truth. */
const SHOWN: BrokerOrder = {
  id: 'one',
  clientOrderId,
  symbol: intent.symbol,
  side: intent.side,
  type: intent.type,
  timeInForce: intent.timeInForce,
  quantityNanos: BigInt(intent.quantity),
  limitPriceNanos: intent.limitPrice === null ? null : BigInt(intent.limitPrice),
  stopPriceNanos: intent.stopPrice === null ? null : BigInt(intent.stopPrice),
  status: 'new',
  filledNanos: 0n,
};

describe('what must come of a wish', () => {
  it('nonsense is sent → told; anything else → nothing to say', () => {
    const rules = new WishRules();
    rules.isNonsense('sim-1');
    expect(rules.sendFaults('sim-1')).toEqual(['I9: sim-1 is sent, and it is nonsense']);
    expect(rules.sendFaults('sim-2')).toEqual([]);
  });

  it.each([
    ['what was wished', {}, 0],
    ['another quantity', { quantityNanos: 1n }, 1],
    ['another symbol and side', { symbol: 'NONE', side: 'none' }, 2],
    ['another limit', { limitPriceNanos: 5n }, 1],
  ])('the exchange has %s → so many differences', (_name, change, count) => {
    expect(new WishRules().orderFaults({ ...SHOWN, ...change }, ROW)).toHaveLength(count);
  });

  it('a leg and a replacement → told otherwise, and not compared', () => {
    const strange = { ...SHOWN, symbol: 'NONE' };
    const rules = new WishRules();
    expect(rules.orderFaults(strange, { ...ROW, parent: clientOrderId })).toEqual([]);
    expect(rules.orderFaults(strange, { ...ROW, replaces: clientOrderId })).toEqual([]);
  });

  it('nonsense and another wish that nobody denied → told at the end', async () => {
    const books = openMemoryBooks();
    const { account } = intent;
    await books.openAccount(newAccount(account));
    await books.transaction(account, async ({ orders }) => {
      await orders.create({ ...ROW, correlationId: 'one', lastError: null, rawBody: null });
    });
    const rules = new WishRules();
    rules.wishedUnderUsedId(intent);
    expect(await rules.endFaults(books.reader(account))).toEqual([]);
    rules.wishedUnderUsedId({ ...intent, quantity: quantity(1) });
    rules.isNonsense(clientOrderId);
    expect(await rules.endFaults(books.reader(account))).toEqual([
      `I9: ${clientOrderId} is nonsense, and is created`,
      `I10: the denial of ${clientOrderId} has 0 lines in the audit`,
      `I10: another wish under ${clientOrderId} has 0 denials`,
    ]);
  });
});
