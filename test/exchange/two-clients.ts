import { createRequire } from 'node:module';
import type Older from 'alpaca-trade-api-3';
import { vi } from 'vitest';
import { OrdersApi, streaming, trading } from '@alpacahq/alpaca-trade-api';
import { afterTest, KEYS, type TestExchange } from './running-exchange.js';
import { openTlsFront } from './tls-front.js';

/** A CommonJS package whose types describe an ES module. */
const OlderAlpaca = createRequire(import.meta.url)('alpaca-trade-api-3') as typeof Older.default;
type OlderAlpaca = InstanceType<typeof OlderAlpaca>;

/** An order as both clients show it. */
export interface SeenOrder {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly orderClass: string;
  readonly legs: number;
  readonly limitPrice: string | null;
}

/** An order in the words of the wire. */
export type OrderWords = Readonly<Record<string, unknown>>;

/** What a client library must be able to do, whatever its methods are called. */
export interface ClientUnderTest {
  readonly name: string;
  readonly cash: () => Promise<string>;
  readonly submit: (order: OrderWords) => Promise<SeenOrder>;
  readonly replace: (id: string, limitPrice: string) => Promise<SeenOrder>;
  readonly cancel: (id: string) => Promise<void>;
  readonly cancelAll: () => Promise<void>;
  readonly find: (id: string) => Promise<SeenOrder>;
  readonly findByClientId: (clientOrderId: string) => Promise<SeenOrder>;
  readonly list: (status: 'open' | 'all') => Promise<readonly SeenOrder[]>;
  /** Held units by symbol. */
  readonly positions: () => Promise<Readonly<Record<string, string>>>;
  readonly closePosition: (symbol: string) => Promise<SeenOrder>;
  readonly closeAll: () => Promise<void>;
  /** Resolves when it listens; then collects what it hears. */
  readonly hearUpdates: () => Promise<readonly string[]>;
  readonly hearBars: () => Promise<readonly string[]>;
}

/** The official SDK 4.0.2, told nothing but its base paths. */
export function officialSdk(exchange: TestExchange): ClientUnderTest {
  const config = new trading.Configuration({ basePath: exchange.tradingUrl, ...KEYS });
  const orders = new OrdersApi(config);
  const positions = new trading.PositionsApi(config);
  const account = new trading.AccountsApi(config);
  const seen = (order: trading.Order): SeenOrder => seenOf(order as unknown as OrderWords);
  return {
    name: '@alpacahq/alpaca-trade-api 4.0.2',
    cash: async () => String((await account.getAccount()).cash),
    submit: async (order) =>
      seen(await orders.postOrder({ postOrderRequest: camelCased(order) as never })),
    replace: async (orderId, limitPrice) =>
      seen(await orders.patchOrderByOrderId({ orderId, patchOrderRequest: { limitPrice } })),
    cancel: (orderId) => orders.deleteOrderByOrderID({ orderId }),
    cancelAll: async () => {
      await orders.deleteAllOrders();
    },
    find: async (orderId) => seen(await orders.getOrderByOrderID({ orderId })),
    findByClientId: async (clientOrderId) =>
      seen(await orders.getOrderByClientOrderId({ clientOrderId })),
    list: async (status) => (await orders.getAllOrders({ status, nested: true })).map(seen),
    positions: async () =>
      Object.fromEntries(
        (await positions.getAllOpenPositions()).map((one) => [one.symbol, String(one.qty)]),
      ),
    closePosition: async (symbolOrAssetId) =>
      seen(await positions.deleteOpenPosition({ symbolOrAssetId })),
    closeAll: async () => {
      await positions.deleteAllOpenPositions({ cancelOrders: true });
    },
    hearUpdates: () => officialUpdates(exchange),
    hearBars: () => officialBars(exchange),
  };
}

async function officialUpdates(exchange: TestExchange): Promise<readonly string[]> {
  const stream = new streaming.TradingStream({ credentials: KEYS, url: exchange.streamUrl });
  afterTest(() => stream.disconnect());
  const heard: string[] = [];
  stream.onTradeUpdate((update) => heard.push(update.event));
  const listening = new Promise((resolve) => stream.on('subscription', resolve));
  stream.subscribeTradeUpdates();
  stream.connect();
  await listening;
  return heard;
}

async function officialBars(exchange: TestExchange): Promise<readonly string[]> {
  const url = exchange.dataStreamUrl;
  const stream = new streaming.StockDataStream({ credentials: KEYS, url });
  afterTest(() => stream.disconnect());
  const heard: string[] = [];
  stream.onBar((bar) => heard.push(JSON.stringify(bar)));
  const listening = new Promise((resolve) => stream.on('subscription', resolve));
  stream.subscribeForBars(['SPY']);
  stream.connect();
  await listening;
  return heard;
}

/** The older client 3.1.3, told nothing but its base URLs. */
function openOlder(exchange: TestExchange, dataStreamUrl = exchange.dataUrl): OlderAlpaca {
  return new OlderAlpaca({
    keyId: KEYS.keyId,
    secretKey: KEYS.secret,
    baseUrl: exchange.tradingUrl,
    dataBaseUrl: exchange.dataUrl,
    dataStreamUrl,
    feed: 'iex',
    paper: true,
  });
}

/** Another code base: the older client, unchanged. */
export function olderClient(exchange: TestExchange): ClientUnderTest {
  const alpaca = openOlder(exchange);
  const seen = (order: unknown) => seenOf(order as OrderWords);
  const all = (rows: unknown) => rows as readonly OrderWords[];
  return {
    name: '@alpacahq/alpaca-trade-api 3.1.3',
    cash: async () => String((await alpaca.getAccount())['cash']),
    submit: async (order) => seen(await alpaca.createOrder(order)),
    replace: async (id, limitPrice) =>
      seen(await alpaca.replaceOrder(id, { limit_price: limitPrice })),
    cancel: async (id) => {
      await alpaca.cancelOrder(id);
    },
    cancelAll: async () => {
      await alpaca.cancelAllOrders();
    },
    find: async (id) => seen(await alpaca.getOrder(id)),
    findByClientId: async (id) => seen(await alpaca.getOrderByClientId(id)),
    list: async (status) => all(await alpaca.getOrders({ ...NO_FILTER, status })).map(seen),
    positions: async () =>
      Object.fromEntries(
        all(await alpaca.getPositions()).map((one) => [one['symbol'], String(one['qty'])]),
      ),
    closePosition: async (symbol) => seen(await alpaca.closePosition(symbol)),
    closeAll: async () => {
      await alpaca.closeAllPositions();
    },
    hearUpdates: () => olderUpdates(alpaca),
    hearBars: () => olderBars(exchange),
  };
}

const NO_FILTER = {
  until: undefined,
  after: undefined,
  limit: undefined,
  direction: undefined,
  nested: true,
  symbols: undefined,
};

async function olderUpdates(alpaca: OlderAlpaca): Promise<readonly string[]> {
  const stream = alpaca.trade_ws;
  const heard: string[] = [];
  afterTest(() => stream.disconnect());
  stream.onOrderUpdate((update: { readonly event: string }) => heard.push(update.event));
  const connected = new Promise<void>((resolve) => stream.onConnect(() => resolve()));
  stream.connect();
  await connected;
  const listening = new Promise<void>((resolve) => {
    stream.conn?.on('message', (data: Buffer) => {
      if (data.toString('utf8').includes('"listening"')) resolve();
    });
  });
  stream.subscribe(['trade_updates']);
  await listening;
  return heard;
}

/** This client knows data streams over TLS only, whatever its base URL says: it is given TLS. */
async function olderBars(exchange: TestExchange): Promise<readonly string[]> {
  const front = await openTlsFront(Number(new URL(exchange.dataUrl).port));
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  afterTest(() => {
    vi.unstubAllEnvs();
  });
  const stream = openOlder(exchange, `https://127.0.0.1:${front.port}`).data_stream_v2;
  const heard: string[] = [];
  afterTest(() => stream.disconnect());
  stream.onStockBar((bar: unknown) => heard.push(JSON.stringify(bar)));
  const connected = new Promise<void>((resolve) => stream.onConnect(() => resolve()));
  stream.connect();
  await connected;
  const listening = new Promise<void>((resolve) => {
    stream.conn?.on('message', (data: Buffer) => {
      if (data.includes('subscription')) resolve();
    });
  });
  stream.subscribeForBars(['SPY']);
  await listening;
  return heard;
}

function seenOf(order: OrderWords): SeenOrder {
  const legs = order['legs'];
  const limitPrice = order['limit_price'];
  return {
    id: String(order['id']),
    status: String(order['status']),
    type: String(order['type']),
    orderClass: String(order['order_class']),
    legs: Array.isArray(legs) ? legs.length : 0,
    limitPrice: typeof limitPrice === 'string' ? limitPrice : null,
  };
}

/** `take_profit` → `takeProfit`, at every depth. */
function camelCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const camel = (key: string) =>
    key.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [camel(key), camelCased(one)]),
  );
}
