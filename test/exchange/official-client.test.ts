import { marketData, OrdersApi, streaming, trading } from '@alpacahq/alpaca-trade-api';
import { describe, expect, it } from 'vitest';
import {
  afterTest,
  KEYS,
  scriptedMarket,
  startTestExchange,
  type TestExchange,
} from './running-exchange.js';

const QUIET = { bar: '100 100 100 100', quote: '99.99/100.01' };

/** The SDK as it is, pointed at the exchange by nothing but its base path. */
function officialClient(exchange: TestExchange) {
  const config = new trading.Configuration({ basePath: exchange.tradingUrl, ...KEYS });
  const dataConfig = new marketData.Configuration({ basePath: exchange.dataUrl, ...KEYS });
  return {
    orders: new OrdersApi(config),
    account: new trading.AccountsApi(config),
    positions: new trading.PositionsApi(config),
    activities: new trading.AccountActivitiesApi(config),
    assets: new trading.AssetsApi(config),
    clock: new trading.ClockApi(config),
    calendar: new trading.CalendarApi(config),
    stocks: new marketData.StockApi(dataConfig),
  };
}

async function startQuietly() {
  const market = scriptedMarket(Array.from({ length: 10 }, () => QUIET));
  const exchange = await startTestExchange({ market });
  await exchange.goTo('13:31');
  return { exchange, client: officialClient(exchange) };
}

describe('the official SDK 4.0.2 against the exchange', () => {
  it.each([
    ['market', {}],
    ['limit', { limitPrice: '99' }],
    ['stop', { stopPrice: '101' }],
    ['stop_limit', { stopPrice: '101', limitPrice: '102' }],
  ] as const)('a %s order → placed, found both ways, listed', async (type, prices) => {
    const { client } = await startQuietly();
    const placed = await client.orders.postOrder({
      postOrderRequest: {
        symbol: 'SPY',
        qty: '3',
        side: 'buy',
        type,
        timeInForce: 'day',
        clientOrderId: `sdk-${type}`,
        ...prices,
      },
    });
    expect(placed).toMatchObject({ symbol: 'SPY', qty: '3', type, status: 'pending_new' });
    const orderId = placed.id ?? '';
    const byId = await client.orders.getOrderByOrderID({ orderId });
    const byName = await client.orders.getOrderByClientOrderId({ clientOrderId: `sdk-${type}` });
    expect(byName).toEqual(byId);
    expect(byId.status).toBe(type === 'market' ? 'filled' : 'new');
    const listed = await client.orders.getAllOrders({
      status: 'all',
      symbols: ['SPY'],
      nested: true,
    });
    expect(listed).toEqual([byId]);
  });

  it('replace, cancel one, cancel all → as the broker answers', async () => {
    const { client } = await startQuietly();
    const place = (limitPrice: string) =>
      client.orders.postOrder({
        postOrderRequest: {
          symbol: 'SPY',
          qty: '1',
          side: 'buy',
          type: 'limit',
          timeInForce: 'gtc',
          limitPrice,
        },
      });
    const first = await place('90');
    const second = await client.orders.patchOrderByOrderId({
      orderId: first.id ?? '',
      patchOrderRequest: { limitPrice: '91', qty: '2' },
    });
    expect(second).toMatchObject({ limitPrice: '91', qty: '2', replaces: first.id });
    await client.orders.deleteOrderByOrderID({ orderId: second.id ?? '' });
    await place('92');
    expect(await client.orders.deleteAllOrders()).toMatchObject([{ status: 200 }]);
    expect(await client.orders.getAllOrders({})).toEqual([]);
  });

  it('account, positions, activities, assets, clock and calendar → parsed', async () => {
    const { client } = await startQuietly();
    await client.orders.postOrder({
      postOrderRequest: {
        symbol: 'SPY',
        qty: '4',
        side: 'buy',
        type: 'market',
        timeInForce: 'day',
      },
    });
    expect(await client.account.getAccount()).toMatchObject({ cash: '99599.96', multiplier: '4' });
    expect(await client.positions.getAllOpenPositions()).toMatchObject([
      { symbol: 'SPY', qty: '4' },
    ]);
    expect(await client.activities.getAccountActivities({ activityTypes: ['FILL'] })).toMatchObject(
      [{ symbol: 'SPY', price: '100.01' }],
    );
    expect(
      await client.assets.getV2AssetsSymbolOrAssetId({ symbolOrAssetId: 'SPY' }),
    ).toMatchObject({
      tradable: true,
    });
    expect(await client.clock.legacyClock()).toMatchObject({ isOpen: true });
    const days = await client.calendar.legacyCalendar({
      start: new Date('2013-10-07T00:00:00Z'),
      end: new Date('2013-10-08T00:00:00Z'),
    });
    expect(days).toHaveLength(2);
    expect(await client.positions.deleteOpenPosition({ symbolOrAssetId: 'SPY' })).toMatchObject({
      side: 'sell',
    });
    expect(await client.positions.getAllOpenPositions()).toEqual([]);
  });

  it('market data → bars and latest quote', async () => {
    const { client } = await startQuietly();
    const bars = await client.stocks.stockBars({ symbols: 'SPY', timeframe: '1Min' });
    expect(JSON.stringify(bars)).toContain('100');
    const quotes = await client.stocks.stockLatestQuotes({ symbols: 'SPY' });
    expect(JSON.stringify(quotes)).toContain('100.01');
  });

  it('refusals → the error classes of the SDK, with code and request id', async () => {
    const { client } = await startQuietly();
    const refused = client.orders.postOrder({
      postOrderRequest: {
        symbol: 'SPY',
        qty: '99999',
        side: 'buy',
        type: 'market',
        timeInForce: 'day',
      },
    });
    await expect(refused).rejects.toMatchObject({
      name: 'PermissionError',
      status: 403,
      code: 40310000,
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const missing = client.orders.getOrderByClientOrderId({ clientOrderId: 'nobody' });
    await expect(missing).rejects.toMatchObject({ name: 'NotFoundError', code: 40410000 });
  });

  it('the trade-updates stream → authenticated, and the fill arrives', async () => {
    const { exchange, client } = await startQuietly();
    const stream = new streaming.TradingStream({ credentials: KEYS, url: exchange.streamUrl });
    afterTest(() => stream.disconnect());
    const heard: string[] = [];
    stream.onTradeUpdate((update) => heard.push(`${update.event} ${update.order.clientOrderId}`));
    const listening = new Promise((resolve) => stream.on('subscription', resolve));
    stream.subscribeTradeUpdates();
    stream.connect();
    await listening;
    await client.orders.postOrder({
      postOrderRequest: {
        symbol: 'SPY',
        qty: '1',
        side: 'buy',
        type: 'market',
        timeInForce: 'day',
        clientOrderId: 'heard',
      },
    });
    await expect.poll(() => heard).toEqual(['pending_new heard', 'new heard', 'fill heard']);
  });

  it('the data stream → bars of the next minute', async () => {
    const { exchange } = await startQuietly();
    const stream = new streaming.StockDataStream({
      credentials: KEYS,
      url: exchange.dataStreamUrl,
    });
    afterTest(() => stream.disconnect());
    const bars: unknown[] = [];
    stream.onBar((bar) => bars.push(bar));
    const listening = new Promise((resolve) => stream.on('subscription', resolve));
    stream.subscribeForBars(['SPY']);
    stream.connect();
    await listening;
    await exchange.goTo('13:32');
    await expect.poll(() => bars.length).toBe(1);
    expect(JSON.stringify(bars[0])).toContain('SPY');
  });
});
