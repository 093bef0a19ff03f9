import { afterEach, describe, expect, it } from 'vitest';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import {
  BrokerAuthRefused,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../adapters/broker/errors.js';
import type { Broker } from '../../adapters/broker/port.js';
import { epochMs, parseInstant, price, quantity, wholeUnits } from '../../domain/values/index.js';
import {
  answerJson,
  openScriptedServer,
  type Script,
  type ScriptedServer,
  wireOrder,
} from './scripted-server.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function brokerBehind(script: Script): Promise<{
  broker: Broker;
  server: ScriptedServer;
  /** Requests that lists have made beside their first. */
  nextPages: () => number;
}> {
  let nextPages = 0;
  const server = await openScriptedServer(script);
  servers.push(server);
  const broker = createAlpacaBroker({
    keyId: 'PKTEST',
    secret: 'secret',
    tradingUrl: `${server.url}/`,
    streamUrl: 'ws://unused',
    readTimeoutMs: 200,
    onNextPage: () => {
      nextPages += 1;
    },
  });
  return { broker, server, nextPages: () => nextPages };
}

const json = (status: number, body: unknown): Script => {
  return (_request, response) => answerJson(response, status, body);
};

const ACCOUNT = {
  account_number: 'PA3TEST',
  status: 'ACTIVE',
  cash: '-1000.000000005',
  equity: '100003.74258806517',
  last_equity: '100003.74258806517',
  buying_power: '400014.97',
  multiplier: '4',
  shorting_enabled: true,
  account_blocked: false,
  trading_blocked: false,
  trade_suspended_by_user: false,
};
const POSITION = {
  symbol: 'AAPL',
  side: 'long',
  qty: '0.557436865',
  avg_entry_price: '86.879891',
  cost_basis: '48.43',
  current_price: null,
};
const FILL = {
  id: '20221005103000095::9d1b2f5e-0c55-4f0b-8f5c-6d0c9f3a7b11',
  activity_type: 'FILL',
  transaction_time: '2022-10-05T14:30:00.095216Z',
  type: 'partial_fill',
  price: '86.878',
  qty: '0.057436865',
  side: 'sell_short',
  symbol: 'AAPL',
  leaves_qty: '0.5',
  order_id: '9d1b2f5e-0c55-4f0b-8f5c-6d0c9f3a7b11',
  cum_qty: '0.057436865',
  order_status: 'partially_filled',
};

describe('reads: values', () => {
  it('an order → exact values, all digits of its instants, the body as it came', async () => {
    const body = JSON.stringify(
      wireOrder({
        status: 'a_status_of_tomorrow',
        qty: null,
        notional: '50',
        filled_qty: '0.557436865',
        filled_avg_price: '86.87989123456789',
        side: 'sell',
        replaces: 'older',
      }),
    );
    const { broker } = await brokerBehind(json(200, body));
    expect(await broker.orderById('x')).toMatchObject({
      status: 'a_status_of_tomorrow',
      quantity: null,
      side: 'sell',
      filledQuantity: quantity(557_436_865),
      filledAveragePrice: price(86_879_891_235),
      limitPrice: price(86_870_000_000),
      submittedAt: '2026-10-05T14:30:00.0952164Z',
      updatedAt: '2026-10-05T14:30:00.1952164Z',
      replaces: 'older',
      replacedBy: null,
      raw: body,
    });
  });

  it('the account → money rounded to micro-dollars, any block counts', async () => {
    const { broker } = await brokerBehind(json(200, { ...ACCOUNT, trading_blocked: true }));
    expect(await broker.account()).toMatchObject({
      cash: -1_000_000_000,
      equity: 100_003_742_588,
      buyingPower: 400_014_970_000,
      multiplier: '4',
      blocked: true,
    });
  });

  it('positions → side and size apart, a short cost basis without its sign', async () => {
    const short = { ...POSITION, symbol: 'IBM', side: 'short', qty: '-3', cost_basis: '-300.5' };
    const { broker } = await brokerBehind(json(200, [POSITION, short]));
    expect(await broker.positions()).toMatchObject([
      { symbol: 'AAPL', side: 'long', quantity: quantity(557_436_865), currentPrice: null },
      { symbol: 'IBM', side: 'short', quantity: wholeUnits(3), costBasis: 300_500_000 },
    ]);
  });

  it('a fill activity → exact, a short sale is a sale', async () => {
    const { broker } = await brokerBehind(json(200, [FILL]));
    expect(await broker.fillActivitiesSince(epochMs(0))).toMatchObject([
      {
        activityId: FILL.id,
        side: 'sell',
        price: price(86_878_000_000),
        quantity: quantity(57_436_865),
        cumulativeQuantity: quantity(57_436_865),
        at: '2022-10-05T14:30:00.095216Z',
      },
    ]);
  });

  const asset = {
    id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415',
    class: 'us_equity',
    exchange: 'NASDAQ',
    symbol: 'AAPL',
    name: 'Apple Inc. Common Stock',
    status: 'active',
    tradable: true,
    marginable: true,
    shortable: true,
    fractionable: true,
  };
  it.each([
    ['easy to borrow', { borrow_status: 'easy_to_borrow' }, true],
    ['hard to borrow', { borrow_status: 'hard_to_borrow', easy_to_borrow: true }, false],
    ['hard to borrow, in the older word', { easy_to_borrow: false }, false],
    ['easy to borrow, in the older word', { easy_to_borrow: true }, true],
    ['never shortable', { shortable: false, borrow_status: 'easy_to_borrow' }, false],
    ['without a word of it', {}, true],
  ])('an asset that is %s → whether it can be sold short now', async (_name, words, expected) => {
    const { broker } = await brokerBehind(json(200, { ...asset, ...words }));
    expect(await broker.asset('AAPL')).toMatchObject({ symbol: 'AAPL', shortable: expected });
  });

  it('clock and calendar → instants in UTC; days outside the question are left out', async () => {
    const { broker, server } = await brokerBehind((request, response) => {
      if (request.path === '/v2/clock') {
        answerJson(response, 200, {
          timestamp: '2013-11-29T09:31:00.123456789-05:00',
          is_open: true,
          next_open: '2013-12-02T09:30:00-05:00',
          next_close: '2013-11-29T13:00:00-05:00',
        });
        return;
      }
      answerJson(response, 200, [
        { date: '2013-11-27', open: '09:30', close: '16:00' },
        { date: '2013-11-29', open: '09:30', close: '13:00' },
      ]);
    });
    expect(await broker.clock()).toEqual({
      atMs: parseInstant('2013-11-29T14:31:00.123Z'),
      isOpen: true,
      nextOpenAtMs: parseInstant('2013-12-02T14:30:00Z'),
      nextCloseAtMs: parseInstant('2013-11-29T18:00:00Z'),
    });
    expect(await broker.calendar('2013-11-28', '2013-11-29')).toEqual([
      {
        date: '2013-11-29',
        openAtMs: parseInstant('2013-11-29T14:30:00Z'),
        closeAtMs: parseInstant('2013-11-29T18:00:00Z'),
      },
    ]);
    expect(server.requests.at(-1)?.query.get('start')).toMatch(/^2013-11-28/);
  });
});

describe('reads: unreadable values are named, never guessed', () => {
  it.each([
    { member: 'filled_qty', changes: { filled_qty: '0.0000000001' } },
    { member: 'filled_qty', changes: { filled_qty: null } },
    { member: 'qty', changes: { qty: '-1' } },
    { member: 'qty', changes: { qty: '99999999' } },
    { member: 'limit_price', changes: { limit_price: '1e2' } },
    { member: 'limit_price', changes: { limit_price: '0' } },
    { member: 'side', changes: { side: 'borrow' } },
    { member: 'id', changes: { id: 7 } },
    { member: 'client_order_id', changes: { client_order_id: null } },
    { member: 'extended_hours', changes: { extended_hours: 'false' } },
    { member: 'filled_avg_price', changes: { filled_avg_price: 'NaN' } },
  ])('order with $changes → BrokerUnavailable names $member', async ({ member, changes }) => {
    const { broker } = await brokerBehind(json(200, [wireOrder(), wireOrder(changes)]));
    const failure: unknown = await broker.openOrders().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BrokerUnavailable);
    expect(String(failure)).toContain(`expected ${member} to be`);
  });

  it.each([
    { what: 'equity missing', script: json(200, { ...ACCOUNT, equity: undefined }) },
    { what: 'a block that is no flag', script: json(200, { ...ACCOUNT, account_blocked: null }) },
    { what: 'a list', script: json(200, []) },
  ])('account: $what → BrokerUnavailable', async ({ script }) => {
    const { broker } = await brokerBehind(script);
    await expect(broker.account()).rejects.toBeInstanceOf(BrokerUnavailable);
  });

  it('a position whose sign and side disagree → BrokerUnavailable', async () => {
    const { broker } = await brokerBehind(json(200, [{ ...POSITION, side: 'short' }]));
    await expect(broker.positions()).rejects.toThrow(/the sign of a short position/);
  });
});

describe('reads: a failed read is never an empty answer', () => {
  const failures: readonly { readonly what: string; readonly script: Script }[] = [
    { what: '500', script: json(500, { message: 'internal' }) },
    { what: '503 with a page', script: json(503, '<html></html>') },
    { what: '404 with a page', script: json(404, '<html></html>') },
    { what: '422', script: json(422, { code: 40010001, message: 'order_id is missing' }) },
    { what: 'a cut body', script: json(200, '[{"id"') },
    { what: 'a foreign body', script: json(200, '{"ok":true}') },
    { what: 'a reset', script: (_request, _response, socket) => socket.resetAndDestroy() },
    { what: 'silence', script: () => {} },
  ];

  it.each(failures)('$what → BrokerUnavailable', async ({ script }) => {
    const { broker } = await brokerBehind(script);
    await expect(broker.openOrders()).rejects.toBeInstanceOf(BrokerUnavailable);
    await expect(broker.positions()).rejects.toBeInstanceOf(BrokerUnavailable);
    await expect(broker.orderByClientOrderId('x')).rejects.toBeInstanceOf(BrokerUnavailable);
  });

  it('404 with the envelope → null for one thing, a failure for a list', async () => {
    const { broker } = await brokerBehind(json(404, { code: 40410000, message: 'not found' }));
    expect(await broker.orderById('x')).toBeNull();
    expect(await broker.asset('X')).toBeNull();
    await expect(broker.positions()).rejects.toBeInstanceOf(BrokerUnavailable);
  });

  it('429 and 401 → by their own names', async () => {
    const limited = await brokerBehind((_request, response) =>
      answerJson(response, 429, { message: 'slow' }, { 'retry-after': '2' }),
    );
    const failure: unknown = await limited.broker.clock().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BrokerRateLimited);
    expect(failure).toMatchObject({ retryAfterMs: 2_000 });
    const refused = await brokerBehind(json(401, { message: 'no' }));
    await expect(refused.broker.clock()).rejects.toBeInstanceOf(BrokerAuthRefused);
  });

  it('the budget headers → told after answers and after refusals', async () => {
    const told: (readonly [number, number])[] = [];
    const headers = { 'x-ratelimit-remaining': '17', 'x-ratelimit-reset': '1790000000' };
    const server = await openScriptedServer((request, response) =>
      answerJson(response, request.path === '/v2/positions' ? 500 : 200, ACCOUNT, headers),
    );
    servers.push(server);
    const broker = createAlpacaBroker({
      keyId: 'PKTEST',
      secret: 'secret',
      tradingUrl: server.url,
      streamUrl: 'ws://unused',
      onRateLimit: (remaining, resetAtS) => told.push([remaining, resetAtS]),
    });
    await broker.account();
    await expect(broker.positions()).rejects.toBeInstanceOf(BrokerUnavailable);
    // The clock and the calendar are of a service with a limit of its own.
    await expect(broker.clock()).rejects.toBeInstanceOf(BrokerUnavailable);
    await expect(broker.calendar('2026-10-05', '2026-10-06')).rejects.toThrow(/as a list/);
    expect(told).toEqual([
      [17, 1_790_000_000],
      [17, 1_790_000_000],
    ]);
  });
});

describe('reads: cash without a fill', () => {
  const dividend = {
    id: '20190801011955195::5f596936-6f23-4cef-bdf1-3806aae57dbf',
    activity_type: 'DIV',
    activity_sub_type: 'CDIV',
    created_at: '2019-08-01T14:01:04.650275Z',
    currency: 'USD',
    date: '2019-08-01',
    net_amount: '1.02',
    status: 'executed',
    symbol: 'T',
  };

  it('activities → exact amounts, when they were booked, the newest in one request', async () => {
    const { created_at: _none, ...dated } = { ...dividend, net_amount: '-0.05' };
    const { broker, server } = await brokerBehind(json(200, [dividend, dated]));
    const found = await broker.cashActivitiesSince(epochMs(1_000));
    expect(found).toEqual([
      {
        activityId: dividend.id,
        type: 'DIV',
        amount: 1_020_000,
        atMs: Date.UTC(2019, 7, 1, 14, 1, 4, 650),
        raw: JSON.stringify(dividend),
      },
      expect.objectContaining({ amount: -50_000, atMs: Date.UTC(2019, 7, 1) }),
    ]);
    expect(server.requests.map(({ path }) => path)).toEqual(['/v2/account/activities']);
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      category: 'non_trade_activity',
      direction: 'desc',
      page_size: '100',
      after: '1970-01-01T00:00:01.000Z',
    });
  });

  it.each([
    ['was taken back', { status: 'canceled' }],
    ['moved no cash', { net_amount: '0' }],
    ['names no amount', { net_amount: null }],
    ['is of another currency', { currency: 'EUR' }],
    ['cannot be kept exactly', { net_amount: '0.00000001' }],
  ])('one that %s → left out, the others are read', async (_name, change) => {
    const { broker } = await brokerBehind(json(200, [{ ...dividend, ...change }, dividend]));
    expect(await broker.cashActivitiesSince(epochMs(0))).toHaveLength(1);
  });
});

describe('reads: pages', () => {
  const orders = Array.from({ length: 1_203 }, (_, index) =>
    wireOrder({ id: `id-${index}`, client_order_id: `client-${index}` }),
  );
  const pageOf = (afterId: string | null, size: number): readonly object[] => {
    const from = afterId === null ? 0 : Number(afterId.slice(3)) + 1;
    return orders.slice(from, from + size);
  };

  it('1,203 orders → all of them once, oldest first, in three requests', async () => {
    const { broker, server, nextPages } = await brokerBehind((request, response) => {
      const size = Number(request.query.get('limit'));
      answerJson(response, 200, pageOf(request.query.get('after_order_id'), size));
    });
    const found = await broker.ordersSubmittedSince(epochMs(1_000));
    expect(found.map((order) => order.clientOrderId)).toEqual(
      orders.map((_, index) => `client-${index}`),
    );
    const queries = server.requests.map(({ query }) => Object.fromEntries(query));
    const common = { status: 'all', limit: '500', direction: 'asc', nested: 'false' };
    expect(queries).toEqual([
      { ...common, after: '1970-01-01T00:00:01.000Z' },
      { ...common, after_order_id: 'id-499' },
      { ...common, after_order_id: 'id-999' },
    ]);
    expect(nextPages()).toBe(2);
  });

  it('a group that a page cuts, its orders of one instant → none is left out', async () => {
    const secondOf = (index: number): number => (index >= 498 && index <= 501 ? 498 : index);
    const rows = Array.from({ length: 700 }, (_, index) => ({
      ...wireOrder({ client_order_id: `client-${index}` }),
      id: `id-${index}`,
      submitted_at: new Date(Date.UTC(2026, 9, 5) + secondOf(index) * 1_000).toISOString(),
    }));
    const { broker } = await brokerBehind((request, response) => {
      const after = rows.findIndex(({ id }) => id === request.query.get('after_order_id'));
      const at = rows[after]?.submitted_at ?? '';
      answerJson(response, 200, rows.filter((row) => row.submitted_at > at).slice(0, 500));
    });
    const found = await broker.ordersSubmittedSince(epochMs(1_000));
    expect(found.map(({ brokerOrderId }) => brokerOrderId)).toEqual(rows.map(({ id }) => id));
  });

  it('orders before an instant → the newest of them, in one request', async () => {
    const { broker, server } = await brokerBehind(json(200, pageOf(null, 500)));
    expect(await broker.ordersSubmittedBefore(epochMs(1_000))).toHaveLength(500);
    expect(server.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
      {
        status: 'all',
        limit: '500',
        direction: 'desc',
        nested: 'false',
        until: '1970-01-01T00:00:01.000Z',
      },
    ]);
  });

  it('a full page again and again → BrokerUnavailable, not a short list', async () => {
    const { broker } = await brokerBehind((_request, response) =>
      answerJson(response, 200, pageOf(null, 500)),
    );
    await expect(broker.openOrders()).rejects.toThrow(/expected more open orders after 500/);
  });

  it('fills of the instant in which a page ends → none is left out', async () => {
    // Alpaca lists by instant, and goes on by id: of an instant, ids below the token are left out.
    const at = (ms: number): string => `20221005103000${String(ms).padStart(3, '0')}`;
    const uuids = ['74014bd4', '99f40dc9', '9f753617', '5968e681', '1d255dcb'];
    const rows = Array.from({ length: 150 }, (_, index) => {
      const isTogether = index >= 97 && index < 102;
      const uuid = isTogether ? uuids[index - 97] : `${index}`;
      return { ...FILL, id: `${at(isTogether ? 97 : index)}::${uuid}` };
    });
    const { broker } = await brokerBehind((request, response) => {
      const token = request.query.get('page_token') ?? '';
      answerJson(response, 200, rows.filter(({ id }) => id > token).slice(0, 100));
    });
    const found = await broker.fillActivitiesSince(epochMs(0));
    expect(found.map(({ activityId }) => activityId)).toEqual(rows.map(({ id }) => id));
  });

  it('fills whose pages overlap → each once', async () => {
    const fills = Array.from({ length: 150 }, (_, index) => ({ ...FILL, id: `fill-${index}` }));
    const { broker, server, nextPages } = await brokerBehind((request, response) => {
      const token = request.query.get('page_token');
      const from = token === null ? 0 : Number(token.slice(5));
      answerJson(response, 200, fills.slice(from, from + 100));
    });
    const found = await broker.fillActivitiesSince(epochMs(0));
    expect(found.map(({ activityId }) => activityId)).toEqual(fills.map(({ id }) => id));
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v2/account/activities/FILL',
      '/v2/account/activities/FILL',
    ]);
    expect(server.requests[0]?.query.get('page_size')).toBe('100');
    expect(nextPages()).toBe(1);
  });
});
