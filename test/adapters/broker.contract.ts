import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  Broker,
  BrokerOrder,
  OrderRequest,
  ReplacementRequest,
  SubmitOutcome,
  TradeUpdate,
} from '../../adapters/broker/port.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { epochMs, price, wholeUnits } from '../../domain/values/index.js';
import { until } from './until.js';

/** A broker with an open market, an account that holds nothing, and a hand on its time. */
export interface BrokerSubject {
  readonly broker: Broker;
  /** A symbol with prices well above one dollar. */
  readonly symbol: string;
  /** Lets the market show its next minute. */
  readonly advance: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const ONE_DOLLAR = price(1_000_000_000);
const TWO_DOLLARS = price(2_000_000_000);
const STOP = { stopPrice: price(500_000_000), limitPrice: null };

/** What every broker behind the port must do, whatever stands behind it. */
export function describeBrokerContract(name: string, open: () => Promise<BrokerSubject>): void {
  describe(`broker contract: ${name}`, () => {
    let subject: BrokerSubject;
    let orderCount = 0;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    /** A limit order so low that it rests, or whatever is given instead. */
    const request = (changes: Partial<OrderRequest> = {}): OrderRequest => {
      orderCount += 1;
      return {
        clientOrderId: `contract-${orderCount}`,
        symbol: subject.symbol,
        side: 'buy',
        quantity: wholeUnits(10),
        type: 'limit',
        limitPrice: ONE_DOLLAR,
        stopPrice: null,
        timeInForce: 'day',
        extendedHours: false,
        ...WITHOUT_EXITS,
        ...changes,
      };
    };
    const place = async (changes: Partial<OrderRequest> = {}): Promise<BrokerOrder> =>
      acceptedOrder(await subject.broker.submitOrder(request(changes)));
    const buyAtMarket = (): Promise<BrokerOrder> => place({ type: 'market', limitPrice: null });
    const filled = async (order: BrokerOrder): Promise<BrokerOrder> => {
      for (let minute = 0; minute < 30; minute += 1) {
        const now = await subject.broker.orderById(order.brokerOrderId);
        if (now?.status === 'filled') return now;
        await subject.advance();
      }
      throw new Error(`expected order ${order.clientOrderId} to fill within 30 minutes`);
    };

    it('submit: a good order → accepted, and found by both ids', async () => {
      const { broker } = subject;
      const wanted = request();
      const order = acceptedOrder(await broker.submitOrder(wanted));
      expect(order).toMatchObject({
        clientOrderId: wanted.clientOrderId,
        symbol: wanted.symbol,
        side: 'buy',
        quantity: wholeUnits(10),
        type: 'limit',
        limitPrice: ONE_DOLLAR,
        stopPrice: null,
        timeInForce: 'day',
        filledQuantity: 0,
        filledAveragePrice: null,
      });
      expect(JSON.parse(order.raw)).toMatchObject({ id: order.brokerOrderId });
      const { brokerOrderId } = order;
      expect((await broker.orderById(brokerOrderId))?.clientOrderId).toBe(wanted.clientOrderId);
      const found = await broker.orderByClientOrderId(wanted.clientOrderId);
      expect(found?.brokerOrderId).toBe(brokerOrderId);
    });

    it('submit: the same client order id again → refused as a duplicate, one order', async () => {
      const { broker } = subject;
      const wanted = request();
      acceptedOrder(await broker.submitOrder(wanted));
      const again = await broker.submitOrder(wanted);
      expect(again).toMatchObject({
        kind: 'refused',
        code: 'duplicate_client_order_id',
        duplicate: true,
      });
      expect(await broker.openOrders()).toHaveLength(1);
    });

    it('submit: a canceled order keeps its client order id → refused as a duplicate', async () => {
      const { broker } = subject;
      const wanted = request();
      const order = acceptedOrder(await broker.submitOrder(wanted));
      await broker.cancelOrder(order.brokerOrderId);
      await until('the order is canceled', async () => isCanceled(subject, order));
      expect(await broker.submitOrder(wanted)).toMatchObject({ duplicate: true });
    });

    it('submit: more than the account can pay → refused, no duplicate', async () => {
      const outcome = await subject.broker.submitOrder(
        request({ type: 'market', limitPrice: null, quantity: wholeUnits(9_000_000) }),
      );
      expect(outcome).toMatchObject({
        kind: 'refused',
        code: 'insufficient_buying_power',
        duplicate: false,
      });
    });

    it('submit: a price finer than a cent → refused as an invalid price', async () => {
      const limitPrice = price(1_001_000_000);
      const outcome = await subject.broker.submitOrder(request({ limitPrice }));
      expect(outcome).toMatchObject({ kind: 'refused', code: 'invalid_price' });
    });

    it('look up: an order that nobody sent → null, not a failure', async () => {
      const { broker } = subject;
      expect(await broker.orderByClientOrderId('nobody-sent-this')).toBeNull();
      expect(await broker.orderById('61e69015-8549-4bfd-b9c3-01e75843f47d')).toBeNull();
    });

    it('cancel: an open order → requested, then canceled and no longer open', async () => {
      const { broker } = subject;
      const order = await place();
      expect(await broker.cancelOrder(order.brokerOrderId)).toEqual({ kind: 'requested' });
      await until('the order is canceled', async () => isCanceled(subject, order));
      expect(await broker.openOrders()).toEqual([]);
    });

    it('cancel: a filled order → not cancelable; an unknown one → not found', async () => {
      const { broker } = subject;
      const order = await filled(await buyAtMarket());
      const outcome = await broker.cancelOrder(order.brokerOrderId);
      expect(outcome).toMatchObject({ kind: 'not_cancelable' });
      expect(await broker.cancelOrder('61e69015-8549-4bfd-b9c3-01e75843f47d')).toEqual({
        kind: 'not_found',
      });
    });

    it('a bracket: accepted with its legs → shown under it, and canceled with it', async () => {
      const { broker } = subject;
      const exits = { takeProfit: price(2_000_000_000), stopLoss: STOP };
      const order = await place({ orderClass: 'bracket', ...exits });
      expect(order).toMatchObject({ orderClass: 'bracket', notional: null });
      expect(order.legs.map(({ type, side, status }) => `${side} ${type} ${status}`)).toEqual([
        'sell limit held',
        'sell stop held',
      ]);
      const shown = await broker.orderById(order.brokerOrderId);
      expect(shown?.legs.map(idOf)).toEqual(order.legs.map(idOf));
      // Alpaca lists legs that wait among the closed orders.
      expect((await broker.openOrders()).map(idOf)).toEqual([order.brokerOrderId]);
      const listed = await broker.ordersSubmittedSince(epochMs(0));
      expect(listed.map(idOf)).toEqual(expect.arrayContaining(order.legs.map(idOf)));
      await broker.cancelOrder(order.brokerOrderId);
      await until('the group is canceled', async () => (await broker.openOrders()).length === 0);
    });

    it('an oco of what is held: accepted → the limit order of its profit, one leg', async () => {
      const { broker } = subject;
      await filled(await buyAtMarket());
      const far = price(9_000_000_000_000);
      const order = await place({
        side: 'sell',
        orderClass: 'oco',
        limitPrice: far,
        takeProfit: far,
        stopLoss: STOP,
      });
      expect(order).toMatchObject({ type: 'limit', limitPrice: far, orderClass: 'oco' });
      expect(order.legs.map(({ type, status }) => `${type} ${status}`)).toEqual(['stop held']);
      await broker.cancelOrder(order.brokerOrderId);
    });

    it('replace: a resting order → a new one in its place', async () => {
      const { broker } = subject;
      const old = await place();
      const change = { ...replacementOf(old), quantity: wholeUnits(20), limitPrice: TWO_DOLLARS };
      const successor = acceptedOrder(await broker.replaceOrder(change));
      expect(successor).toMatchObject({
        clientOrderId: change.clientOrderId,
        quantity: wholeUnits(20),
        limitPrice: TWO_DOLLARS,
        timeInForce: 'day',
        replaces: old.brokerOrderId,
      });
      await until('the old one has gone', async () => {
        return (await broker.orderById(old.brokerOrderId))?.status === 'replaced';
      });
      const gone = await broker.orderById(old.brokerOrderId);
      expect(gone?.replacedBy).toBe(successor.brokerOrderId);
      expect((await broker.openOrders()).map(idOf)).toEqual([successor.brokerOrderId]);
    });

    it('replace: nothing new → refused by name', async () => {
      const old = await place();
      const outcome = await subject.broker.replaceOrder(replacementOf(old));
      expect(outcome).toMatchObject({ kind: 'refused', code: 'order_not_changed' });
    });

    it('replace: a filled order → refused by name', async () => {
      const old = await filled(await buyAtMarket());
      const change = { ...replacementOf(old), quantity: wholeUnits(20) };
      expect(await subject.broker.replaceOrder(change)).toMatchObject({
        kind: 'refused',
        code: 'order_not_replaceable',
        duplicate: false,
      });
    });

    it('replace: an id that was used → refused as a duplicate', async () => {
      const old = await place();
      const change = { ...replacementOf(old), limitPrice: TWO_DOLLARS };
      const outcome = await subject.broker.replaceOrder({
        ...change,
        clientOrderId: old.clientOrderId,
      });
      expect(outcome).toMatchObject({ kind: 'refused', duplicate: true });
    });

    it('cancel all: several open orders → all requested, none left', async () => {
      const { broker } = subject;
      const orders = [await place(), await place(), await place()];
      const outcome = await broker.cancelAllOrders();
      expect(outcome).toEqual({ requested: 3, failedBrokerOrderIds: [] });
      for (const order of orders) {
        await until('the order is canceled', async () => isCanceled(subject, order));
      }
      expect(await broker.openOrders()).toEqual([]);
    });

    it('lists: open and closed orders → open ones alone, since and before an instant', async () => {
      const { broker } = subject;
      const first = await place();
      const second = await place();
      await broker.cancelOrder(first.brokerOrderId);
      await until('the order is canceled', async () => isCanceled(subject, first));
      expect((await broker.openOrders()).map(idOf)).toEqual([second.brokerOrderId]);
      const all = await broker.ordersSubmittedSince(epochMs(0));
      expect(all.map(idOf)).toEqual([first.brokerOrderId, second.brokerOrderId]);
      const { atMs } = await broker.clock();
      expect(await broker.ordersSubmittedSince(epochMs(atMs + 60_000))).toEqual([]);
      const before = await broker.ordersSubmittedBefore(epochMs(atMs + 60_000));
      expect(before.map(idOf)).toEqual([second.brokerOrderId, first.brokerOrderId]);
      expect(await broker.ordersSubmittedBefore(epochMs(0))).toEqual([]);
    });

    it('a fill: position, cash and activities tell the same', async () => {
      const { broker } = subject;
      const before = await broker.account();
      const order = await filled(await buyAtMarket());
      expect(order.filledQuantity).toBe(wholeUnits(10));
      const positions = await broker.positions();
      expect(positions).toMatchObject([
        { symbol: subject.symbol, side: 'long', quantity: wholeUnits(10) },
      ]);
      const fills = await broker.fillActivitiesSince(epochMs(0));
      expect(fills.map((fill) => fill.brokerOrderId)).toContain(order.brokerOrderId);
      const total = fills.reduce((sum, fill) => sum + fill.quantity, 0);
      expect(total).toBe(wholeUnits(10));
      expect(fills.at(-1)?.cumulativeQuantity).toBe(wholeUnits(10));
      expect((await broker.account()).cash).toBeLessThan(before.cash);
      expect(await broker.cashActivitiesSince(epochMs(0))).toEqual([]);
    });

    it('account, clock, calendar, asset: readable and of the same day', async () => {
      const { broker } = subject;
      const account = await broker.account();
      expect(account).toMatchObject({ status: 'ACTIVE', blocked: false });
      expect(account.equity).toBe(account.cash);
      const clock = await broker.clock();
      expect(clock.isOpen).toBe(true);
      const today = new Date(clock.atMs).toISOString().slice(0, 10);
      const days = await broker.calendar(today, today);
      expect(days.map(({ date }) => date)).toEqual([today]);
      expect(days[0]?.closeAtMs).toBe(clock.nextCloseAtMs);
      expect(await broker.asset(subject.symbol)).toMatchObject({ tradable: true });
      expect(await broker.asset('NOSUCHSYMBOL')).toBeNull();
    });

    it('trade updates: a resting and a filling order → each step, in order', async () => {
      const { broker } = subject;
      const updates: TradeUpdate[] = [];
      const unreadable: string[] = [];
      const closings: string[] = [];
      const stream = await broker.openTradeUpdates({
        onUpdate: (update) => updates.push(update),
        onUnreadable: (raw) => unreadable.push(raw),
        onClosed: (reason) => closings.push(reason),
      });
      const resting = await place();
      await broker.cancelOrder(resting.brokerOrderId);
      const order = await filled(await buyAtMarket());
      await until('the fill is told', async () => updates.some(({ event }) => event === 'fill'));
      const eventsOf = (clientOrderId: string): readonly string[] =>
        updates.filter((one) => one.order.clientOrderId === clientOrderId).map((one) => one.event);
      expect(eventsOf(resting.clientOrderId).at(-1)).toBe('canceled');
      const fills = updates.filter(({ event }) => event === 'fill' || event === 'partial_fill');
      expect(fills.reduce((sum, fill) => sum + (fill.quantity ?? 0), 0)).toBe(wholeUnits(10));
      const last = fills.at(-1);
      expect(last?.order.filledQuantity).toBe(wholeUnits(10));
      expect(last?.order.brokerOrderId).toBe(order.brokerOrderId);
      expect(last?.executionId).not.toBeNull();
      expect(unreadable).toEqual([]);
      await stream.close();
      expect(closings).toHaveLength(1);
    });
  });
}

/** A replacement that changes nothing yet. */
function replacementOf(old: BrokerOrder): ReplacementRequest {
  return {
    brokerOrderId: old.brokerOrderId,
    clientOrderId: `${old.clientOrderId}.r1`,
    quantity: null,
    limitPrice: old.limitPrice,
    stopPrice: old.stopPrice,
    timeInForce: null,
  };
}

function acceptedOrder(outcome: SubmitOutcome): BrokerOrder {
  if (outcome.kind === 'accepted') return outcome.order;
  throw new Error(`expected an accepted order, found ${JSON.stringify(outcome)}`);
}

function idOf(order: BrokerOrder): string {
  return order.brokerOrderId;
}

async function isCanceled(subject: BrokerSubject, order: BrokerOrder): Promise<boolean> {
  return (await subject.broker.orderById(order.brokerOrderId))?.status === 'canceled';
}
