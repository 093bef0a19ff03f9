import { afterEach, describe, expect, it } from 'vitest';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import { BrokerUnavailable } from '../../adapters/broker/errors.js';
import type { Broker, OrderRequest } from '../../adapters/broker/port.js';
import { createLockstepPace } from '../../adapters/market-data/alpaca/index.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { price, wholeUnits } from '../../domain/values/index.js';
import { advanceTo, EXCHANGE_KEYS, openExchange } from './paper-exchange.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const REQUEST: OrderRequest = {
  clientOrderId: 'fault-1',
  symbol: 'SPY',
  side: 'buy',
  quantity: wholeUnits(1),
  type: 'limit',
  limitPrice: price(1_000_000_000),
  stopPrice: null,
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};

interface Subject {
  readonly broker: Broker;
  readonly fault: (match: object, kind: string) => Promise<void>;
}

async function openSubject(rateLimitPerMinute: number | null = null): Promise<Subject> {
  const exchange = await openExchange({ rateLimitPerMinute });
  closers.push(() => exchange.close());
  const { tradingUrl, streamUrl } = exchange;
  const pace = createLockstepPace({ exchangeUrl: tradingUrl, keys: EXCHANGE_KEYS });
  await advanceTo('open', pace);
  return {
    broker: createAlpacaBroker({ ...EXCHANGE_KEYS, tradingUrl, streamUrl }),
    fault: async (match, kind) => {
      const body = JSON.stringify({ match, action: { kind } });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${tradingUrl}/_fault`, { method: 'POST', headers, body });
      expect(response.status).toBe(201);
    },
  };
}

describe('faults of the exchange, seen through the adapter', () => {
  it('executed, answer lost → unknown; the lookup finds it; again → duplicate', async () => {
    const { broker, fault } = await openSubject();
    await fault({ method: 'POST', path: '/v2/orders' }, 'execute_then_drop');
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'unknown' });
    const found = await broker.orderByClientOrderId(REQUEST.clientOrderId);
    expect(found).toMatchObject({ clientOrderId: REQUEST.clientOrderId, filledQuantity: 0 });
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'refused', duplicate: true });
    expect(await broker.openOrders()).toHaveLength(1);
  });

  it('dropped before it was looked at → unknown; the lookup misses; again → accepted', async () => {
    const { broker, fault } = await openSubject();
    await fault({ method: 'POST', path: '/v2/orders' }, 'drop_before');
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'unknown' });
    expect(await broker.orderByClientOrderId(REQUEST.clientOrderId)).toBeNull();
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'accepted' });
  });

  it('a cancel whose answer is lost → unknown; the order tells', async () => {
    const { broker, fault } = await openSubject();
    const outcome = await broker.submitOrder(REQUEST);
    const brokerOrderId = outcome.kind === 'accepted' ? outcome.order.brokerOrderId : '';
    await fault({ method: 'DELETE', path: '/v2/orders/*' }, 'execute_then_drop');
    expect(await broker.cancelOrder(brokerOrderId)).toMatchObject({ kind: 'unknown' });
    expect(await broker.orderById(brokerOrderId)).toMatchObject({ status: 'canceled' });
  });

  it('a read that breaks off → BrokerUnavailable, not an empty list', async () => {
    const { broker, fault } = await openSubject();
    await fault({ method: 'GET', path: '/v2/positions' }, 'drop_before');
    await expect(broker.positions()).rejects.toBeInstanceOf(BrokerUnavailable);
    expect(await broker.positions()).toEqual([]);
  });

  it('the request limit → not sent with a wait', async () => {
    const { broker } = await openSubject(2);
    await broker.account();
    await broker.account();
    const outcome = await broker.submitOrder(REQUEST);
    expect(outcome).toMatchObject({ kind: 'not_sent' });
    expect(outcome.kind === 'not_sent' ? outcome.retryAfterMs : 0).toBeGreaterThan(0);
  });

  it('wrong keys → refused by name, on reads and on the stream', async () => {
    const exchange = await openExchange();
    closers.push(() => exchange.close());
    const { tradingUrl, streamUrl } = exchange;
    const broker = createAlpacaBroker({ keyId: 'WRONG', secret: 'wrong', tradingUrl, streamUrl });
    const refused = { name: 'BrokerAuthRefused' };
    await expect(broker.account()).rejects.toMatchObject(refused);
    await expect(broker.submitOrder(REQUEST)).rejects.toMatchObject(refused);
    const nothing = { onUpdate: () => {}, onUnreadable: () => {}, onClosed: () => {} };
    await expect(broker.openTradeUpdates(nothing)).rejects.toMatchObject(refused);
  });
});
