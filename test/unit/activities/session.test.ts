import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { decideOnBar } from '../../../activities/session/decide-on-bar.js';
import { markToMarket } from '../../../activities/session/mark-to-market.js';
import type { FeedContext } from '../../../activities/session/session-context.js';
import { settleStep } from '../../../activities/session/settle-step.js';
import { summarizeDay } from '../../../activities/session/summarize-day.js';
import {
  closeDayOrders,
  openTradingDay,
  refreshInstruments,
} from '../../../activities/session/trading-day.js';
import type { MarketStep } from '../../../adapters/broker/port.js';
import type { Bar } from '../../../domain/market/index.js';
import { deriveClientOrderId } from '../../../domain/order/index.js';
import { NO_EXITS, type Signal } from '../../../domain/signal/index.js';
import { epochMs, price, wholeUnits } from '../../../domain/values/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { barAt, feedOf, session } from './feed-of-test.js';
import { inputOf, ORDER_ID, outboxOf, standingOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

const entry: Signal = {
  kind: 'order',
  leg: 'entry',
  symbol: 'SPY',
  side: 'buy',
  size: { units: wholeUnits(10) },
  type: 'limit',
  limitPrice: price(145_000_000_000),
  stopPrice: null,
  timeInForce: 'day',
  purpose: 'entry',
  ...NO_EXITS,
  reason: 'a test',
};

function stepOf(bars: readonly Bar[]): MarketStep {
  const atMs = bars.at(-1)?.endAtMs ?? epochMs(BROKER_START_MS);
  return { atMs, marketDate: session.marketDate, phase: 'open', bars, lastEventId: null };
}

async function startedInput({ world }: TestWorld): Promise<OrderInput> {
  const [row] = await world.reader.outbox.undelivered(1);
  return JSON.parse(row?.payload ?? '{}') as OrderInput;
}

describe('decideOnBar', () => {
  it('a signal → kept with its feed, and its order asked for in the same commit', async () => {
    const test = await openTestWorld();
    const [started = ''] = await decideOnBar(
      feedOf(test, () => [entry]),
      barAt(5),
    );
    expect(started).toContain('ord-scripted-SPY-');
    expect(await outboxOf(test)).toEqual([`start_order ${started}`]);
    const { intent } = await startedInput(test);
    expect(intent).toMatchObject({ decidedAtMs: barAt(5).endAtMs, decisionPrice: barAt(5).close });
    const [signal] = await test.world.reader.signals.since(epochMs(0));
    expect(signal).toMatchObject({ clientOrderId: started, dataFeed: 'recorded', leg: 'entry' });
  });

  it('a signal with exits → a group at the broker, its legs in the books', async () => {
    const test = await openTestWorld();
    const takeProfit = price(150_000_000_000);
    const stopLoss = { stopPrice: price(140_000_000_000), limitPrice: null };
    const [started = ''] = await decideOnBar(
      feedOf(test, () => [{ ...entry, takeProfit, stopLoss }]),
      barAt(5),
    );
    const input = await startedInput(test);
    expect(input.intent).toMatchObject({ orderClass: 'bracket', takeProfit, stopLoss });
    expect((await placeOrder(test.world, input)).state).toBe('accepted');
    const legs = await test.world.reader.orders.legsOf(started);
    expect(legs.map(({ order }) => `${order.intent.leg} ${order.progress.state}`)).toEqual([
      'profit held',
      'stop held',
    ]);
  });

  it('a signal with an exit on the wrong side → denied before the broker', async () => {
    const test = await openTestWorld();
    const takeProfit = price(140_000_000_000);
    await decideOnBar(
      feedOf(test, () => [{ ...entry, takeProfit }]),
      barAt(5),
    );
    const view = await placeOrder(test.world, await startedInput(test));
    expect(view).toMatchObject({
      state: 'denied',
      detail: expect.stringContaining('invalid_exit_price: '),
    });
    expect(test.broker.calls).not.toContain('submitOrder');
  });

  it('the id of another order → denied in one audit line, no order asked for', async () => {
    const test = await openTestWorld();
    const decisionId = deriveClientOrderId({
      strategy: 'scripted',
      symbol: 'SPY',
      decidedAtMs: barAt(5).endAtMs,
      leg: 'entry',
    });
    await placeOrder(test.world, inputOf({ clientOrderId: decisionId }));
    const before = await outboxOf(test);
    await decideOnBar(
      feedOf(test, () => [entry]),
      barAt(5),
    );
    expect(await outboxOf(test)).toEqual(before);
    const records = await test.world.reader.audit.from(1, 100);
    const denied = records.filter(({ kind }) => kind === 'wish_denied');
    expect(denied.map(({ entity, actor }) => ({ entity, actor }))).toEqual([
      { entity: decisionId, actor: 'scripted' },
    ]);
  });

  it('the same bar again, after a crash → the same id, nothing asked for twice', async () => {
    const test = await openTestWorld();
    const first = await decideOnBar(
      feedOf(test, () => [entry]),
      barAt(5),
    );
    const before = await test.world.reader.outbox.undelivered(9);
    expect(
      await decideOnBar(
        feedOf(test, () => [entry]),
        barAt(5),
      ),
    ).toEqual(first);
    expect(await test.world.reader.outbox.undelivered(9)).toEqual(before);
    expect(
      await decideOnBar(
        feedOf(test, () => [entry]),
        barAt(6),
      ),
    ).not.toEqual(first);
  });

  it('the same bar again, and another opinion of it → what was decided stands', async () => {
    const test = await openTestWorld();
    const first = await decideOnBar(
      feedOf(test, () => [entry]),
      barAt(5),
    );
    const other: Signal = { ...entry, leg: 'other' };
    const again = feedOf(test, () => [other]);
    expect(await decideOnBar(again, barAt(5))).toEqual(first);
    expect(await test.world.reader.signals.since(epochMs(0))).toHaveLength(1);
    expect(await decideOnBar(again, barAt(6))).not.toEqual(first);
  });

  it('crashed before its cancel, and nothing to say the second time → canceled then', async () => {
    const test = await openTestWorld();
    const id = idOf('mine');
    const mine = { clientOrderId: id, strategy: 'scripted', leg: 'rest' };
    await placeOrder(test.world, inputOf(mine));
    const cancel: Signal = { kind: 'cancel', symbol: 'SPY', leg: 'rest', reason: 'a test' };
    test.broker.failing.add('cancelOrder');
    const feed = feedOf(test, () => [cancel]);
    await expect(decideOnBar(feed, barAt(5))).rejects.toThrow('did not answer');
    test.broker.failing.clear();
    await decideOnBar(
      feedOf(test, () => []),
      barAt(5),
    );
    expect(test.broker.order(id).status).toBe('canceled');
  });

  it('the commit fails → neither signal nor order, and the repeat makes both', async () => {
    const test = await openTestWorld();
    test.faults.push('busy');
    const feed = feedOf(test, () => [entry]);
    await expect(decideOnBar(feed, barAt(5))).rejects.toThrow('lock');
    expect(await test.world.reader.signals.since(epochMs(0))).toEqual([]);
    expect(await decideOnBar(feed, barAt(5))).toHaveLength(1);
  });

  it('nothing said → nothing is written', async () => {
    const test = await openTestWorld();
    const before = (await test.world.reader.account())?.version;
    expect(
      await decideOnBar(
        feedOf(test, () => []),
        barAt(5),
      ),
    ).toEqual([]);
    expect((await test.world.reader.account())?.version).toBe(before);
  });

  it('a size that comes to nothing → the signal is kept, no order', async () => {
    const test = await openTestWorld();
    const exit: Signal = { ...entry, leg: 'exit', size: { closePosition: true } };
    expect(
      await decideOnBar(
        feedOf(test, () => [exit]),
        barAt(5),
      ),
    ).toEqual([]);
    expect(await test.world.reader.signals.since(epochMs(0))).toHaveLength(1);
  });

  it('a cancel → the open orders of its leg, and of this strategy only', async () => {
    const test = await openTestWorld();
    const ids = ['mine', 'other-leg', 'other-strategy'].map(idOf);
    const [mine, otherLeg, otherStrategy] = ids;
    if (mine === undefined || otherLeg === undefined || otherStrategy === undefined) return;
    const strategy = 'scripted';
    await placeOrder(test.world, inputOf({ clientOrderId: mine, strategy, leg: 'rest' }));
    await placeOrder(test.world, inputOf({ clientOrderId: otherLeg, strategy, leg: 'exit' }));
    await placeOrder(test.world, inputOf({ clientOrderId: otherStrategy, leg: 'rest' }));
    const cancel: Signal = { kind: 'cancel', symbol: 'SPY', leg: 'rest', reason: 'a test' };
    await decideOnBar(
      feedOf(test, () => [cancel]),
      barAt(5),
    );
    expect(ids.map((id) => test.broker.order(id).status)).toEqual(['canceled', 'new', 'new']);
  });
});

describe('the trading day', () => {
  async function traded(): Promise<TestWorld> {
    const test = await openTestWorld();
    await openTradingDay(test.world, session);
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    return test;
  }

  it('what is hard to borrow since last night → denied short from the open on', async () => {
    const test = await openTestWorld();
    const asset = await test.broker.asset('SPY');
    test.broker.asset = () =>
      Promise.resolve(asset === null ? null : { ...asset, shortable: false });
    await refreshInstruments(test.world);
    const short = inputOf({ side: 'sell', clientOrderId: idOf('short') });
    expect((await placeOrder(test.world, short)).detail).toContain('not_shortable');
  });

  it('what cannot be read before the open → stays as it was', async () => {
    const test = await openTestWorld();
    const before = await test.world.reader.instruments.bySymbol('SPY');
    test.broker.failing.add('asset');
    await refreshInstruments(test.world);
    expect(await test.world.reader.instruments.bySymbol('SPY')).toEqual(before);
  });

  it('opened twice → the first figures stay: a restart never refills the loss budget', async () => {
    const test = await traded();
    await markToMarket(test.world, stepOf([barAt(5, 144)]));
    expect(await openTradingDay(test.world, session)).toBe('goes on with equity 99900');
    expect(await test.world.reader.tradingDays.latest()).toMatchObject({
      startEquity: 100_000_000_000,
      lastEquity: 99_900_000_000,
    });
  });

  it('marked up and down → the last equity and the highest', async () => {
    const test = await traded();
    for (const closeUsd of [146, 147, 144]) {
      await markToMarket(test.world, stepOf([barAt(5, closeUsd)]));
    }
    expect(await test.world.reader.tradingDays.latest()).toMatchObject({
      peakEquity: 100_200_000_000,
      lastEquity: 99_900_000_000,
    });
  });

  it('a bar without the symbol → valued at the last price that is known', async () => {
    const test = await traded();
    await markToMarket(test.world, stepOf([barAt(5, 146)]));
    await markToMarket(test.world, stepOf([]));
    expect((await test.world.reader.tradingDays.latest())?.lastEquity).toBe(100_100_000_000);
  });

  it('summarized → the figures of the books', async () => {
    const test = await traded();
    test.broker.submits.push('refuse');
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('refused') }));
    await markToMarket(test.world, stepOf([barAt(5, 146)]));
    expect(await summarizeDay(test.world, session)).toMatchObject({
      orders: { created: 2, filled: 1, refused: 1, denied: 0, unknown: 0 },
      fills: 1,
      tradesClosed: 0,
      realizedPnlUsd: '0',
      unrealizedPnlUsd: '100',
      equityUsd: '100100',
      slippageUsd: '-10',
    });
  });

  it('after the close → day orders are asked for until they have ended', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('gtc'), timeInForce: 'gtc' }));
    let asked = 0;
    test.broker.beforeAnswer = (call) => {
      if (call === 'orderByClientOrderId') asked += 1;
      if (asked === 3) test.broker.become(ORDER_ID, 'expired');
    };
    expect(await closeDayOrders(test.world)).toEqual([]);
    expect([await standingOf(test), await standingOf(test, 'gtc')]).toEqual([
      'expired 0',
      'accepted 0',
    ]);
  });

  it('after the close, the broker says nothing → named, not waited for for ever', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    expect(await closeDayOrders(test.world)).toEqual([ORDER_ID]);
  });
});

describe('settleStep', () => {
  /** A feed whose market stands where the broker has sent its last event. */
  function pacedAt(test: TestWorld, lastEventId: string | null): FeedContext {
    const current = async (): Promise<MarketStep> => ({ ...stepOf([]), lastEventId });
    const world = { ...test.world, pace: { ...test.world.pace, current } };
    return { ...feedOf(test, () => []), world };
  }

  it('answered and booked → goes on at once', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const update = test.broker.fill(ORDER_ID, 100, 145);
    await applyAll(test, [update]);
    const before = test.wallNowMs();
    await settleStep(pacedAt(test, update.eventId), [ORDER_ID]);
    expect(test.wallNowMs()).toBe(before);
  });

  it.each([
    ['an event that never comes', 'event-9', 2_000],
    ['an order that is never answered', null, 60_000],
  ])('%s → not waited for for ever', async (_name, lastEventId, msMax) => {
    const test = await openTestWorld();
    if (lastEventId !== null) await placeOrder(test.world, inputOf());
    const before = test.wallNowMs();
    await settleStep(pacedAt(test, lastEventId), [ORDER_ID]);
    expect(test.wallNowMs() - before).toBeGreaterThan(msMax);
    expect(test.wallNowMs() - before).toBeLessThan(msMax + 100);
  });

  it('an order left in flight by an earlier process → waited for once, given up', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    const feed = pacedAt(test, null);
    await settleStep(feed, []);
    expect(feed.givenUp).toEqual(new Set([ORDER_ID]));
    const before = test.wallNowMs();
    await settleStep(feed, []);
    expect(test.wallNowMs()).toBe(before);
  });
});
