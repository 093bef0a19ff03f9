import { afterEach, describe, expect, it } from 'vitest';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import type { Broker, OrderRequest, ReplacementRequest } from '../../adapters/broker/port.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { price, quantity, usd, wholeUnits, wholeUsd } from '../../domain/values/index.js';
import {
  answerJson,
  openScriptedServer,
  type Script,
  type ScriptedServer,
  wireOrder,
} from './scripted-server.js';

const ORDER_ID = '9d1b2f5e-0c55-4f0b-8f5c-6d0c9f3a7b11';
const REQUEST: OrderRequest = {
  clientOrderId: 'wire-1',
  symbol: 'AAPL',
  side: 'buy',
  quantity: wholeUnits(10),
  type: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};
const PROFIT = price(90_000_000_000);
const STOP = { stopPrice: price(80_000_000_000), limitPrice: null };
const CHANGE: ReplacementRequest = {
  brokerOrderId: ORDER_ID,
  clientOrderId: 'wire-1',
  quantity: null,
  limitPrice: price(87_000_000_000),
  stopPrice: null,
  timeInForce: null,
};

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function brokerBehind(script: Script): Promise<{ broker: Broker; server: ScriptedServer }> {
  const server = await openScriptedServer(script);
  servers.push(server);
  const keys = { keyId: 'PKTESTKEYID', secret: 'very-secret-value' };
  const broker = createAlpacaBroker({
    ...keys,
    tradingUrl: server.url,
    streamUrl: 'ws://unused',
    submitTimeoutMs: 200,
  });
  return { broker, server };
}

const json = (status: number, body: unknown): Script => {
  return (_request, response) => answerJson(response, status, body);
};

async function sent(server: ScriptedServer): Promise<unknown> {
  return JSON.parse(server.requests[0]?.body ?? 'null');
}

describe('groups: what goes over the wire', () => {
  it.each<[string, Partial<OrderRequest>, object]>([
    ['a simple order', {}, {}],
    [
      'a bracket',
      { orderClass: 'bracket', takeProfit: PROFIT, stopLoss: STOP },
      {
        order_class: 'bracket',
        take_profit: { limit_price: '90' },
        stop_loss: { stop_price: '80' },
      },
    ],
    [
      'an oto with a stop that has a limit',
      { orderClass: 'oto', stopLoss: { ...STOP, limitPrice: price(79_500_000_000) } },
      { order_class: 'oto', stop_loss: { stop_price: '80', limit_price: '79.5' } },
    ],
    [
      'an oco, whose limit is its take-profit only',
      { type: 'limit', limitPrice: PROFIT, orderClass: 'oco', takeProfit: PROFIT, stopLoss: STOP },
      {
        type: 'limit',
        order_class: 'oco',
        take_profit: { limit_price: '90' },
        stop_loss: { stop_price: '80' },
      },
    ],
  ])('%s', async (_name, change, expected) => {
    const { broker, server } = await brokerBehind(json(200, wireOrder()));
    await broker.submitOrder({ ...REQUEST, ...change });
    expect(await sent(server)).toEqual({
      client_order_id: 'wire-1',
      symbol: 'AAPL',
      side: 'buy',
      qty: '10',
      type: 'market',
      time_in_force: 'day',
      extended_hours: false,
      ...expected,
    });
  });

  it('an answer with legs → each an order, exact', async () => {
    const leg = wireOrder({ id: 'leg-1', client_order_id: 'leg', status: 'held', side: 'sell' });
    const { broker } = await brokerBehind(
      json(200, wireOrder({ order_class: 'bracket', legs: [leg] })),
    );
    expect(await broker.orderById(ORDER_ID)).toMatchObject({
      orderClass: 'bracket',
      legs: [{ brokerOrderId: 'leg-1', status: 'held', side: 'sell', quantity: wholeUnits(10) }],
    });
  });

  it('an order by amount → its dollars, and no quantity', async () => {
    const { broker } = await brokerBehind(json(200, wireOrder({ qty: null, notional: '100' })));
    expect(await broker.orderById(ORDER_ID)).toMatchObject({
      quantity: null,
      notional: wholeUsd(100),
    });
  });

  it('an amount of nine decimals, as documented → rounded, and the others are read', async () => {
    const byAmount = wireOrder({ id: 'by-amount', qty: null, notional: '100.123456789' });
    const { broker } = await brokerBehind(json(200, [byAmount, wireOrder()]));
    await expect(broker.openOrders()).resolves.toMatchObject([
      { quantity: null, notional: usd(100_123_457) },
      { quantity: wholeUnits(10), notional: null },
    ]);
  });

  it('an order of several symbols → goes by its first leg, by no quantity', async () => {
    const symbol = 'AAPL261218C00200000';
    const leg = { symbol, order_class: 'mleg', side: 'sell', type: '', order_type: '' };
    const several = {
      ...{ order_class: 'mleg', symbol: '', side: '', type: 'limit' },
      ...{ limit_price: '-0.35', filled_avg_price: '-0.40' }, // A credit.
      legs: [wireOrder({ ...leg, id: 'leg-1' })],
    };
    const listed = [wireOrder(several), wireOrder({ ...leg, id: 'leg-1' })];
    const { broker } = await brokerBehind(json(200, listed));
    expect(await broker.openOrders()).toMatchObject([
      { symbol, side: 'sell', quantity: null, orderClass: 'mleg', limitPrice: null, legs: [] },
      { symbol, side: 'sell', type: '' },
    ]);
  });
});

describe('replace: what goes over the wire, and what comes back', () => {
  it.each<[string, Partial<ReplacementRequest>, object]>([
    ['a price', {}, { limit_price: '87' }],
    [
      'everything',
      { quantity: quantity(2), stopPrice: price(86_000_000_000), timeInForce: 'gtc' },
      { qty: '0.000000002', limit_price: '87', stop_price: '86', time_in_force: 'gtc' },
    ],
  ])('%s → exact, and nothing that stays', async (_name, change, expected) => {
    const { broker, server } = await brokerBehind(json(200, wireOrder()));
    expect(await broker.replaceOrder({ ...CHANGE, ...change })).toMatchObject({ kind: 'accepted' });
    expect(server.requests[0]).toMatchObject({ method: 'PATCH' });
    expect(await sent(server)).toEqual({ client_order_id: 'wire-1', ...expected });
  });

  const refusal = (message: string) => json(422, { code: 42210000, message });
  it.each<[string, Script, object]>([
    [
      'another order than was asked for',
      json(200, wireOrder({ client_order_id: 'other' })),
      { kind: 'unknown' },
    ],
    [
      'a gateway’s page',
      (_request, response) => void response.writeHead(502).end('<html>'),
      {
        kind: 'unknown',
      },
    ],
    [
      'a state that cannot be replaced',
      refusal('cannot replace order in pending_cancel status'),
      { kind: 'refused', code: 'order_not_replaceable' },
    ],
    [
      'filled already',
      refusal('order is already in "filled" state'),
      { kind: 'refused', code: 'order_not_replaceable' },
    ],
    [
      'nothing new',
      refusal('order parameters are not changed'),
      { kind: 'refused', code: 'order_not_changed' },
    ],
    [
      'a no that was seen not to be one',
      refusal("order isn't sent to exchange yet"),
      { kind: 'unknown', reason: "doubtful: order isn't sent to exchange yet" },
    ],
    ['too many requests', json(429, { message: 'rate limit exceeded' }), { kind: 'not_sent' }],
  ])('%s → as it must be taken', async (_name, script, expected) => {
    const { broker } = await brokerBehind(script);
    expect(await broker.replaceOrder(CHANGE)).toMatchObject(expected);
  });

  it('no answer in time → unknown', async () => {
    const { broker } = await brokerBehind(() => undefined);
    expect(await broker.replaceOrder(CHANGE)).toMatchObject({ kind: 'unknown' });
  });
});
