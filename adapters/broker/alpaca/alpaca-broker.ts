import { trading } from '@alpacahq/alpaca-trade-api';
import { formatInstant } from '../../../domain/values/index.js';
import type {
  Broker,
  BrokerOrder,
  CashActivity,
  FillActivity,
  SubmitOutcome,
  TradeUpdateListener,
} from '../port.js';
import { type AlpacaKeys, baseUrl, checkKeys } from './access.js';
import {
  readAccount,
  readAsset,
  readCalendarDay,
  readCashActivity,
  readClock,
  readPosition,
} from './account-reader.js';
import { readFillActivity, readOrder } from './order-reader.js';
import { wireOrderOf, wireReplacementOf } from './order-request.js';
import { beforeLastInstant, readAllPages } from './paging.js';
import { type Answer, ask, type RateLimitObserver, read, readOrNull } from './request.js';
import type { SocketTiming } from './socket.js';
import { bulkCancelOf, cancelOutcomeOf, replaceOutcomeOf, submitOutcomeOf } from './submit.js';
import { openTradeUpdateStream } from './trade-update-stream.js';
import { listOf, recordOf, textOf, unreadable } from './wire-record.js';

export interface AlpacaBrokerOptions extends AlpacaKeys {
  /** For example https://paper-api.alpaca.markets. */
  readonly tradingUrl: string;
  /** For example wss://paper-api.alpaca.markets/stream. */
  readonly streamUrl: string;
  /** How long a POST may take, body included; 5 s unless given. */
  readonly submitTimeoutMs?: number;
  /** How long a read or a cancel may take, body included; 10 s unless given. */
  readonly readTimeoutMs?: number;
  readonly streamTiming?: SocketTiming;
  readonly onRateLimit?: RateLimitObserver;
  /** A list goes on with another page: one more request of the call that is under way. */
  readonly onNextPage?: () => void;
}

const SUBMIT_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 10_000;
const ORDERS_PAGE_SIZE = 500;
const ACTIVITIES_PAGE_SIZE = 100;

/**
 * The broker over Alpaca's own SDK, one base address for everything. The SDK carries the requests
 * and nothing else: its retries and its limiter are off, and bodies are read from the raw text,
 * because its own models lose digits.
 */
export function createAlpacaBroker(options: AlpacaBrokerOptions): Broker {
  const wire = createWire(options);
  return {
    async submitOrder(request, signal) {
      if (signal?.aborted === true) return ABORTED;
      const postOrderRequest = wireOrderOf(request);
      const init = initOf(signal);
      const answer = await wire.ask(() => wire.submits.postOrderRaw({ postOrderRequest }, init));
      return submitOutcomeOf(answer, request.clientOrderId);
    },
    async replaceOrder(request, signal) {
      if (signal?.aborted === true) return ABORTED;
      const asked = wireReplacementOf(request);
      const init = initOf(signal);
      const answer = await wire.ask(() => wire.submits.patchOrderByOrderIdRaw(asked, init));
      return replaceOutcomeOf(answer, request.clientOrderId);
    },
    async cancelOrder(orderId) {
      return cancelOutcomeOf(
        await wire.ask(() => wire.orders.deleteOrderByOrderIDRaw({ orderId })),
      );
    },
    async cancelAllOrders() {
      const answer = wire.ask(() => wire.orders.deleteAllOrdersRaw());
      return bulkCancelOf(await read('the cancel of all orders', answer, readCancelLines));
    },
    orderById: (orderId) =>
      readOrNull(
        `order ${orderId}`,
        wire.ask(() => wire.orders.getOrderByOrderIDRaw({ orderId, nested: true })),
        readOrder,
      ),
    orderByClientOrderId: (clientOrderId) =>
      readOrNull(
        `order ${clientOrderId}`,
        wire.ask(() => wire.orders.getOrderByClientOrderIdRaw({ clientOrderId })),
        readOrder,
      ),
    openOrders: () => listOrders(wire, { status: 'open' }),
    ordersSubmittedSince: (sinceMs) =>
      listOrders(wire, { status: 'all', after: formatInstant(sinceMs) }),
    ordersSubmittedBefore: (untilMs) =>
      readOrders(wire, { status: 'all', until: formatInstant(untilMs), direction: 'desc' }),
    fillActivitiesSince: (sinceMs) => listFills(wire, new Date(sinceMs)),
    cashActivitiesSince: (sinceMs) => readCashActivities(wire, new Date(sinceMs)),
    ...accountReads(wire),
    openTradeUpdates: (listener: TradeUpdateListener) => openTradeUpdateStream(options, listener),
  };
}

const ABORTED: SubmitOutcome = {
  kind: 'not_sent',
  reason: 'aborted before sending',
  retryAfterMs: null,
};

function initOf(signal: AbortSignal | undefined): RequestInit {
  return signal === undefined ? {} : { signal };
}

interface Wire {
  readonly submits: trading.OrdersApi;
  readonly orders: trading.OrdersApi;
  readonly reads: trading.Configuration;
  readonly ask: (call: Parameters<typeof ask>[0]) => Promise<Answer>;
  /**
   * For the clock and the calendar, whose budget headers are documented as those of prices are: of
   * another service, with a limit of its own that says nothing about orders.
   */
  readonly askAside: Wire['ask'];
  readonly onNextPage: () => void;
}

function createWire(options: AlpacaBrokerOptions): Wire {
  const keys = checkKeys({ keyId: options.keyId, secret: options.secret });
  const configure = (timeoutMs: number) =>
    new trading.Configuration({ ...keys, basePath: baseUrl(options.tradingUrl), timeoutMs });
  const reads = configure(options.readTimeoutMs ?? READ_TIMEOUT_MS);
  const onRateLimit = options.onRateLimit ?? (() => {});
  return {
    submits: new trading.OrdersApi(configure(options.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS)),
    orders: new trading.OrdersApi(reads),
    reads,
    ask: (call) => ask(call, { keys, onRateLimit }),
    askAside: (call) => ask(call, { keys, onRateLimit: () => {} }),
    onNextPage: options.onNextPage ?? (() => {}),
  };
}

function accountReads(
  wire: Wire,
): Pick<Broker, 'positions' | 'account' | 'clock' | 'calendar' | 'asset'> {
  const positions = new trading.PositionsApi(wire.reads);
  const accounts = new trading.AccountsApi(wire.reads);
  const clocks = new trading.ClockApi(wire.reads);
  const calendars = new trading.CalendarApi(wire.reads);
  const assets = new trading.AssetsApi(wire.reads);
  return {
    positions: () =>
      read(
        'the positions',
        wire.ask(() => positions.getAllOpenPositionsRaw()),
        (json) => listOf(json, 'the positions').map(readPosition),
      ),
    account: () =>
      read(
        'the account',
        wire.ask(() => accounts.getAccountRaw()),
        readAccount,
      ),
    clock: () =>
      read(
        'the clock',
        wire.askAside(() => clocks.legacyClockRaw()),
        readClock,
      ),
    async calendar(fromDate, toDate) {
      const range = { start: midnightUtc(fromDate), end: midnightUtc(toDate) };
      const answer = wire.askAside(() => calendars.legacyCalendarRaw(range));
      const days = await read('the calendar', answer, (json) =>
        listOf(json, 'the calendar').map(readCalendarDay),
      );
      return days.filter(({ date }) => date >= fromDate && date <= toDate);
    },
    asset: (symbol) =>
      readOrNull(
        `asset ${symbol}`,
        wire.ask(() => assets.getV2AssetsSymbolOrAssetIdRaw({ symbolOrAssetId: symbol })),
        readAsset,
      ),
  };
}

/**
 * Pages go on from an order's id: instants can be equal (those of a group are), so an instant would
 * lose orders at the edge of a page.
 */
function listOrders(
  wire: Wire,
  filter: { readonly status: 'open' | 'all'; readonly after?: string },
): Promise<readonly BrokerOrder[]> {
  const { status, ...after } = filter;
  return readAllPages<BrokerOrder>({
    what: `${status} orders`,
    pageSize: ORDERS_PAGE_SIZE,
    idOf: ({ brokerOrderId }) => brokerOrderId,
    resumeAt: beforeLastInstant(({ submittedAt }) => submittedAt ?? ''),
    onNextPage: wire.onNextPage,
    pageAfter: (last) => {
      const from = last === null ? after : { afterOrderId: last.brokerOrderId };
      return readOrders(wire, { status, direction: 'asc', ...from });
    },
  });
}

/** One page of orders. */
function readOrders(
  wire: Wire,
  query: trading.GetAllOrdersRequest,
): Promise<readonly BrokerOrder[]> {
  const page = { limit: ORDERS_PAGE_SIZE, nested: false };
  const answer = wire.ask(() => wire.orders.getAllOrdersRaw({ ...page, ...query }));
  return read('the orders', answer, (json) =>
    listOf(json, 'the orders').map((one) => readOrder(one)),
  );
}

function listFills(wire: Wire, after: Date): Promise<readonly FillActivity[]> {
  const activities = new trading.AccountActivitiesApi(wire.reads);
  const common = {
    activityType: 'FILL',
    after,
    direction: 'asc',
    pageSize: ACTIVITIES_PAGE_SIZE,
  } as const;
  return readAllPages<FillActivity>({
    what: 'fill activities',
    pageSize: ACTIVITIES_PAGE_SIZE,
    idOf: ({ activityId }) => activityId,
    // The id begins with the millisecond.
    resumeAt: beforeLastInstant(({ activityId }) => activityId.split('::')[0] ?? ''),
    onNextPage: wire.onNextPage,
    pageAfter: (last) => {
      const from = last === null ? {} : { pageToken: last.activityId };
      const answer = wire.ask(() =>
        activities.getAccountActivitiesByActivityTypeRaw({ ...common, ...from }),
      );
      return read('the fill activities', answer, (json) =>
        listOf(json, 'the fill activities').map(readFillActivity),
      );
    },
  });
}

async function readCashActivities(wire: Wire, after: Date): Promise<readonly CashActivity[]> {
  const activities = new trading.AccountActivitiesApi(wire.reads);
  const query = { category: 'non_trade_activity', direction: 'desc', after } as const;
  const pageSize = ACTIVITIES_PAGE_SIZE;
  const answer = wire.ask(() => activities.getAccountActivitiesRaw({ ...query, pageSize }));
  return read('the cash activities', answer, (json) =>
    listOf(json, 'the cash activities').flatMap(readCashActivity),
  );
}

function readCancelLines(
  json: unknown,
): readonly { readonly id: string; readonly status: number }[] {
  return listOf(json, 'the canceled orders').map((value) => {
    const line = recordOf(value, 'a canceled order');
    const status = line['status'];
    if (typeof status !== 'number') throw unreadable('status', 'a number', status);
    return { id: textOf(line, 'id'), status };
  });
}

function midnightUtc(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}
