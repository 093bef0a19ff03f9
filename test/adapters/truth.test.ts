import { afterEach, describe, expect, it } from 'vitest';
import { placeOrder } from '../../activities/order/place-order.js';
import { checkSilence } from '../../activities/reconciliation/check-silence.js';
import { reconcile } from '../../activities/reconciliation/reconcile.js';
import { runTradeUpdates } from '../../activities/stream/run-trade-updates.js';
import type { World } from '../../activities/world.js';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import type { Broker, MarketPace, MarketStep } from '../../adapters/broker/port.js';
import { createLockstepPace } from '../../adapters/market-data/alpaca/index.js';
import { epochMs, formatQuantity, price, wholeUnits } from '../../domain/values/index.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import { openTestDatabase } from '../store/open-books.js';
import { ACCOUNT, fillBooks, openTestWorld, quoteOf } from '../support/test-world.js';
import { idOf, intentOf } from '../unit/domain/order/order-fixture.js';
import { advanceTo, EXCHANGE_KEYS, openExchange } from './paper-exchange.js';
import { until } from './until.js';

const ORDER_ID = idOf('ord-truth-SPY-1-entry');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Venue {
  readonly tradingUrl: string;
  readonly streamUrl: string;
  readonly pace: MarketPace;
  step: MarketStep;
  readonly fault: (match: object, action: object) => Promise<void>;
}

async function openVenue(): Promise<Venue> {
  const exchange = await openExchange();
  closers.push(() => exchange.close());
  const { tradingUrl, streamUrl } = exchange;
  const pace = createLockstepPace({ exchangeUrl: tradingUrl, keys: EXCHANGE_KEYS });
  const step = await advanceTo('open', pace);
  const fault = async (match: object, action: object): Promise<void> => {
    const body = JSON.stringify({ match, action });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${tradingUrl}/_fault`, { method: 'POST', headers, body });
    expect(response.status).toBe(201);
  };
  return { tradingUrl, streamUrl, pace, step, fault };
}

interface Host {
  readonly world: World;
  /** How often the stream was opened. */
  readonly streams: () => number;
}

/** An Ordinis on a data folder of its own, with the real broker adapter and real books. */
async function openHost({ tradingUrl, streamUrl, step }: Venue): Promise<Host> {
  const test = await openTestWorld();
  const { database, close } = await openTestDatabase();
  closers.push(close);
  const alpaca = createAlpacaBroker({ ...EXCHANGE_KEYS, tradingUrl, streamUrl });
  let opened = 0;
  const broker: Broker = {
    ...alpaca,
    openTradeUpdates: (listener) => {
      opened += 1;
      return alpaca.openTradeUpdates(listener);
    },
  };
  const { books } = database;
  const world: World = { ...test.world, broker, books, reader: books.reader(ACCOUNT) };
  world.marketClock.observe(step.atMs);
  await fillBooks(world);
  return { world, streams: () => opened };
}

/** BUY 10 SPY at whatever it costs. */
function inputAt({ step }: Venue, clientOrderId = ORDER_ID): OrderInput {
  const intent = intentOf({
    account: ACCOUNT,
    clientOrderId,
    quantity: wholeUnits(10),
    amount: null,
    limitPrice: price(900_000_000_000),
    decidedAtMs: step.atMs,
    validUntilMs: epochMs(step.atMs + 600_000),
  });
  return { intent, correlationId: 'truth', isResumed: false, pollIntervalMs: 10_000 };
}

async function place(host: Host, venue: Venue, clientOrderId = ORDER_ID): Promise<string> {
  host.world.quotes.put(quoteOf('SPY', venue.step.atMs));
  return (await placeOrder(host.world, inputAt(venue, clientOrderId))).state;
}

async function standing({ world }: Host): Promise<string> {
  const row = await world.reader.orders.byClientOrderId(ORDER_ID);
  if (row === null) return 'none';
  return `${row.order.progress.state} ${formatQuantity(row.order.filledQuantity)}`;
}

async function advanceUntilFilled(host: Host, venue: Venue): Promise<void> {
  for (let minutes = 0; minutes < 5; minutes += 1) {
    const shown = await host.world.broker.orderByClientOrderId(ORDER_ID);
    if (shown?.status === 'filled') return;
    venue.step = await venue.pace.advance(venue.step, new AbortController().signal);
    host.world.marketClock.observe(venue.step.atMs);
  }
  throw new Error('expected the order to be filled within five minutes');
}

/** Runs the stream beside an action, on one connection. */
async function whileStreaming(host: Host, action: () => Promise<void>): Promise<void> {
  const attempt = new AbortController();
  let isLive = false;
  const running = runTradeUpdates(host.world, {
    signal: attempt.signal,
    heartbeat: () => {
      isLive = true;
    },
  }).catch(String);
  await until('the stream is live', () => isLive);
  try {
    await action();
  } finally {
    attempt.abort(new Error('the test is over'));
    await running;
  }
}

async function expectSameMoney({ world }: Host): Promise<void> {
  const account = await world.reader.account();
  expect(account?.cash).toBe((await world.broker.account()).cash);
}

describe('the books against the exchange', () => {
  it('a fill frame is muted on a healthy stream → found without a reconnect', async () => {
    const venue = await openVenue();
    const host = await openHost(venue);
    await venue.fault({ event: 'fill' }, { kind: 'mute_event' });
    await whileStreaming(host, async () => {
      await place(host, venue);
      await advanceUntilFilled(host, venue);
      expect(await standing(host)).toBe('accepted 0');
      expect((await checkSilence(host.world)).silent).toEqual([ORDER_ID]);
      expect(await standing(host)).toBe('filled 10');
    });
    expect(host.streams()).toBe(1);
    await expectSameMoney(host);
    expect(await reconcile(host.world, { account: ACCOUNT, trigger: 'test' })).toMatchObject({
      outcome: 'clean',
    });
  });

  it.each([
    ['told by the stream', null],
    ['muted', 'trade_bust'],
  ])(
    'a bust that is %s → the trade is taken back, the money is the exchange’s',
    async (_w, mute) => {
      const venue = await openVenue();
      const host = await openHost(venue);
      if (mute !== null) await venue.fault({ event: mute }, { kind: 'mute_event' });
      await whileStreaming(host, async () => {
        await place(host, venue);
        await advanceUntilFilled(host, venue);
        await until('the fill is booked', async () => (await standing(host)) === 'filled 10');
        await venue.fault({ clientOrderId: ORDER_ID }, { kind: 'bust' });
        if (mute !== null) await checkSilence(host.world);
        await until('the bust is booked', async () => (await standing(host)) === 'filled 0');
      });
      await expectSameMoney(host);
      expect(await host.world.reader.positions.active()).toEqual([]);
    },
  );

  it('a correction on the stream → the position costs what the exchange says', async () => {
    const venue = await openVenue();
    const host = await openHost(venue);
    await whileStreaming(host, async () => {
      await place(host, venue);
      await advanceUntilFilled(host, venue);
      await until('the fill is booked', async () => (await standing(host)) === 'filled 10');
      await venue.fault({ clientOrderId: ORDER_ID }, { kind: 'correct', price: '100.5' });
      await until('the correction is booked', async () => {
        const position = await host.world.reader.positions.bySymbol('SPY');
        return position?.costBasis === 1_005_000_000;
      });
    });
    expect(await standing(host)).toBe('filled 10');
    await expectSameMoney(host);
  });

  it('two hosts, two folders, one account → the newcomer halts, the elder goes on', async () => {
    const venue = await openVenue();
    const elder = await openHost(venue);
    const newcomer = await openHost(venue);
    expect(await place(elder, venue)).toBe('accepted');
    await reconcile(newcomer.world, { account: ACCOUNT, trigger: 'startup' });
    const causes = await newcomer.world.reader.halts.openCauses();
    expect(causes).toMatchObject([{ reason: 'account_blocked', mode: 'halted' }]);
    const second = idOf('ord-truth-SPY-2-entry');
    expect(await place(newcomer, venue, second)).toBe('denied');
    expect(await elder.world.broker.orderByClientOrderId(second)).toBeNull();
    await reconcile(elder.world, { account: ACCOUNT, trigger: 'schedule' });
    expect(await elder.world.reader.halts.openCauses()).toEqual([]);
    const kept = await elder.world.broker.orderByClientOrderId(ORDER_ID);
    expect(kept?.status).not.toMatch(/cancel/);
  });
});
