import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, toldOf, liveOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

interface Gapped {
  readonly test: TestWorld;
  readonly first: TradeUpdate;
  readonly second: TradeUpdate;
}

/** Two trades of fifteen units at the broker; the books were told of the second only. */
async function openGapped(): Promise<Gapped> {
  const test = await openTestWorld();
  test.broker.isMuted = true;
  await placeOrder(test.world, inputOf());
  const first = test.broker.fill(ORDER_ID, 15, 145);
  const second = test.broker.fill(ORDER_ID, 15, 146);
  await applyAll(test, [second]);
  return { test, first, second };
}

async function expectOneAtTheBottom({ test }: Gapped, price: TradeUpdate['price']): Promise<void> {
  const live = await liveOf(test);
  expect(live.map((fill) => [fill.cumulativeBefore, fill.price])).toEqual([[0, price]]);
  expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
}

describe('as much held as the broker shows, above a gap', () => {
  it('the trade that is held is gone → the other one stands, at its money', async () => {
    const gapped = await openGapped();
    gapped.test.broker.bust(gapped.second);
    await repairAll(gapped.test.world);
    await expectOneAtTheBottom(gapped, gapped.first.price);
  });

  it('the trade below it is gone → the one that is held moves down', async () => {
    const gapped = await openGapped();
    gapped.test.broker.bust(gapped.first);
    await repairAll(gapped.test.world);
    await expectOneAtTheBottom(gapped, gapped.second.price);
  });
});

describe('a trade has got another price, and nobody has told it', () => {
  it('the cash shows it → the average of its order says what it is', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 15, 145)]);
    const last = test.broker.fill(ORDER_ID, 85, 146);
    await applyAll(test, [last]);
    test.broker.isMuted = true;
    test.broker.correct(last, 146.02);
    const { outcome } = await reconcile(test.world, { account: ACCOUNT, trigger: 'test' });
    expect(outcome).toBe('clean');
    const live = await liveOf(test);
    expect(live.map(({ kind, price }) => [kind, price])).toEqual([
      ['execution', 145_000_000_000],
      ['inferred', 146_020_000_000],
    ]);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
    expect(await toldOf(test)).toContain('critical position_reconciliation');
  });
});
