import { describe, expect, it } from 'vitest';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import {
  assert,
  price,
  quantity,
  unitsWorthAtLeast,
  usd,
  wholeUnits,
} from '../../../domain/values/index.js';
import { openTestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, rowOf } from './order-of-test.js';

describe('placeOrder: an id that is taken', () => {
  it('its id with other fields → denied in one audit line, the first order as it was', async () => {
    const test = await openTestWorld();
    const first = await placeOrder(test.world, inputOf());
    const held = await rowOf(test);
    const other = inputOf({ quantity: wholeUnits(7), limitPrice: price(145_000_000_000) });
    expect(await placeOrder(test.world, other)).toEqual(first);
    expect(await placeOrder(test.world, other)).toEqual(first);
    expect(await rowOf(test)).toEqual(held);
    expect(test.broker.calls).toEqual(['submitOrder']);
    const records = await test.world.reader.audit.from(1, 100);
    const denied = records.filter(({ kind }) => kind === 'wish_denied');
    expect(denied.map(({ entity, actor }) => ({ entity, actor }))).toEqual([
      { entity: ORDER_ID, actor: inputOf().intent.strategy },
    ]);
    expect(JSON.parse(denied[0]?.body ?? '')).toMatchObject({
      code: 'id_used_with_other_fields',
      wish: { quantity: wholeUnits(7) },
    });
  });

  it('its id with other fields while nothing was sent → what the books hold is sent', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('not_sent');
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      type: 'NotTradingNow',
    });
    await placeOrder(test.world, inputOf({ quantity: wholeUnits(7) }));
    expect((await rowOf(test)).order).toMatchObject({
      intent: { quantity: wholeUnits(100) },
      progress: { state: 'accepted' },
    });
    expect(await test.broker.orderByClientOrderId(ORDER_ID)).toMatchObject({
      quantity: wholeUnits(100),
    });
  });
});

describe('placeOrder: by amount', () => {
  it('asked twice → sized at the quote that judges it, and one order', async () => {
    const test = await openTestWorld();
    const wish = { type: 'market', limitPrice: null, quantity: quantity(0) } as const;
    const input = inputOf({ ...wish, amount: usd(100_000_000) });
    const view = await placeOrder(test.world, input);
    const [decision] = await test.world.reader.riskDecisions.byOrder(ORDER_ID);
    const { intent, quotedPrice } = JSON.parse(decision?.inputs ?? '{}');
    const sized = unitsWorthAtLeast(usd(100_000_000), price(quotedPrice));
    expect(intent).toMatchObject({ amount: 100_000_000, quantity: sized });
    expect((await rowOf(test)).order).toMatchObject({ intent, orderedQuantity: sized });
    expect(await test.broker.orderByClientOrderId(ORDER_ID)).toMatchObject({ quantity: sized });
    expect(await placeOrder(test.world, input)).toEqual(view);
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
    const audit = await test.world.reader.audit.from(1, 100);
    expect(audit.filter(({ kind }) => kind === 'wish_denied')).toEqual([]);
  });

  it('unknown, and the quote has moved → sent again in the size it has', async () => {
    const test = await openTestWorld();
    const wish = { type: 'market', limitPrice: null, quantity: quantity(0) } as const;
    const input = inputOf({ ...wish, amount: usd(100_000_000) });
    test.broker.submits.push('drop_before');
    expect((await placeOrder(test.world, input)).state).toBe('unknown');
    const held = (await rowOf(test)).order.orderedQuantity;
    const quote = test.world.quotes.quote('SPY');
    const before = quote?.askPrice ?? null;
    assert(quote !== null && before !== null, 'expected a quote');
    const askPrice = price(before * 2);
    test.world.quotes.put({ ...quote, askPrice, atMs: test.world.marketClock.nowMs() });
    expect((await sendOrder(test.world, input)).state).toBe('accepted');
    const [, judged] = await test.world.reader.riskDecisions.byOrder(ORDER_ID);
    expect(JSON.parse(judged?.inputs ?? '{}')).toMatchObject({ intent: { quantity: held } });
    expect(await test.broker.orderByClientOrderId(ORDER_ID)).toMatchObject({ quantity: held });
  });
});
