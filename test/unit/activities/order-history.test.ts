import { describe, expect, it } from 'vitest';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { replaceOrder } from '../../../activities/order/replace-order.js';
import { resolveOrder } from '../../../activities/order/resolve-order.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID } from './order-of-test.js';
import { requestOf } from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

/** What was said with each event of an order. */
async function saidOf({ world }: TestWorld, clientOrderId = ORDER_ID) {
  const events = await world.reader.orders.eventsOf(clientOrderId);
  return events.map(({ kind, source, raw, brokerEventId }) => ({
    kind,
    source,
    raw: raw === null ? null : JSON.parse(raw),
    brokerEventId,
  }));
}

describe('the history of an order: requests and answers as they were', () => {
  it('a send → the request with exact decimals, the answer as it came', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const [created, began, accepted] = await saidOf(test);
    expect(created).toMatchObject({ kind: 'created', raw: null });
    expect(began).toMatchObject({
      kind: 'send_began',
      raw: { request: 'submit', clientOrderId: ORDER_ID, quantity: '100', limitPrice: '145.2' },
    });
    const shown = await test.broker.orderByClientOrderId(ORDER_ID);
    expect(accepted).toMatchObject({ kind: 'reported_accepted', source: 'answer' });
    expect(accepted?.raw).toEqual(JSON.parse(shown?.raw ?? ''));
  });

  it('a refusal → its body', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('refuse');
    await placeOrder(test.world, inputOf());
    const refused = (await saidOf(test)).at(-1);
    expect(refused).toMatchObject({ kind: 'refused', source: 'answer' });
    expect(refused?.raw).toEqual(expect.anything());
  });

  it('a lookup that decided → what it showed', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf());
    await resolveOrder(test.world, ORDER_ID);
    const found = (await saidOf(test)).find(({ source }) => source === 'poll');
    expect(found?.raw).toMatchObject({ id: 'broker-1' });
  });

  it('a frame → where the inbox keeps it, and its text once', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const update = test.broker.fill(ORDER_ID, 40, 145.1);
    await applyAll(test, [update]);
    const filled = (await saidOf(test)).find(({ kind }) => kind === 'filled');
    expect(filled).toMatchObject({ source: 'stream', raw: null });
    const kept = await test.world.reader.brokerEvents.byId(filled?.brokerEventId ?? '');
    expect(kept?.raw).toBe(update.raw);
  });

  it('a cancel → the request, and what the broker said to it', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await cancelOrder(test.world, ORDER_ID, { requestedBy: 'ann', reason: 'enough' });
    const events = await test.world.reader.orders.eventsOf(ORDER_ID);
    const steps = events.filter(({ kind }) => kind.startsWith('cancel_'));
    expect(steps.map(({ kind, detail }) => [kind, JSON.parse(detail)])).toEqual([
      ['cancel_requested', { requestedBy: 'ann', reason: 'enough' }],
      ['cancel_answered', { kind: 'requested' }],
    ]);
  });

  it('a replacement → what was asked of the order in whose place it comes', async () => {
    const test = await openTestWorld();
    const { brokerOrderId } = await placeOrder(test.world, inputOf());
    const { replacement } = await replaceOrder(test.world, ORDER_ID, requestOf());
    const [, began] = await saidOf(test, replacement ?? '');
    expect(began?.raw).toMatchObject({ request: 'replace', brokerOrderId });
  });
});
