import {
  BrokerAuthRefused,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../adapters/broker/errors.js';
import type {
  Broker,
  BrokerOrder,
  BrokerPosition,
  CancelOutcome,
  CashActivity,
  FillActivity,
  OrderRequest,
  ReplacementRequest,
  SubmitOutcome,
  TradeUpdate,
  TradeUpdateListener,
} from '../../adapters/broker/port.js';
import {
  assert,
  epochMs,
  formatInstant,
  notionalRounded,
  type Price,
  price,
  quantity,
  usd,
} from '../../domain/values/index.js';
import { type ReplaceScript, refusal, type SubmitScript } from './scripted-answers.js';
import { afterFill, groupOf, legRequestsOf, giveWay } from './scripted-group.js';
import { accountWith, positionsOf } from './scripted-holdings.js';
import {
  isListedAsOpen,
  isOpenAtBroker,
  type ScriptedOrder,
  snapshotOf,
} from './scripted-order.js';

type Call = keyof Broker;

/** The market instant at which the scripted broker begins. */
export const BROKER_START_MS = Date.UTC(2013, 9, 7, 13, 30);
const UNIT_NANOS = 1_000_000_000;

/**
 * A broker in memory that does what a test tells it: orders rest until the test fills or ends them,
 * answers get lost, lookups lag, the stream is muted, reads fail. It keeps its own cash and
 * positions, by its own arithmetic, so that a test can compare them with the books.
 */
export class ScriptedBroker implements Broker {
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** The scripts of the next submits. */
  readonly submits: SubmitScript[] = [];
  /** The scripts of the next replacements. */
  readonly replacements: ReplaceScript[] = [];
  readonly replaceRequests: ReplacementRequest[] = [];
  /** Calls that fail as unavailable while they are in here. */
  readonly failing = new Set<Call>();
  /** Runs inside a call before it answers: to do something at that very moment. */
  beforeAnswer: (call: Call) => Promise<void> | void = () => undefined;
  /** While true, lookups and lists do not show any order: reads lag writes. */
  isLagging = false;
  isMuted = false;
  /** While true, a fill is not in the activities yet. */
  areActivitiesLagging = false;
  cashMicros = 100_000_000_000;
  cancelOutcome: CancelOutcome | null = null;
  /** What moved cash without a fill; the cash itself is the test's to move. */
  readonly cashActivities: CashActivity[] = [];
  readonly updates: TradeUpdate[] = [];
  readonly #orders: ScriptedOrder[] = [];
  readonly #activities: FillActivity[] = [];
  readonly #units = new Map<string, number>();
  #listener: TradeUpdateListener | null = null;
  #sequence = 0;
  #change = 0;

  // What a test does to it.

  order(clientOrderId: string): ScriptedOrder {
    const found = this.#orders.find(({ request }) => request.clientOrderId === clientOrderId);
    assert(found !== undefined, `expected ${clientOrderId} at the broker`);
    return found;
  }

  count(clientOrderId: string): number {
    return this.#orders.filter(({ request }) => request.clientOrderId === clientOrderId).length;
  }

  snapshot(clientOrderId: string): BrokerOrder {
    return snapshotOf(this.order(clientOrderId));
  }

  /** Fills whole units at a price in dollars, and tells it on the stream unless that is muted. */
  fill(clientOrderId: string, units: number, priceUsd: number): TradeUpdate {
    const order = this.order(clientOrderId);
    const nanos = Math.round(units * UNIT_NANOS);
    const at = price(Math.round(priceUsd * 1_000_000_000));
    order.filledNanos += nanos;
    order.filledProduct += BigInt(nanos) * BigInt(at);
    const isComplete = order.filledNanos >= order.orderedNanos;
    if (isComplete) order.status = 'filled';
    else if (isOpenAtBroker(order)) order.status = 'partially_filled';
    this.#book(order, nanos, at);
    const event = isComplete ? 'fill' : 'partial_fill';
    const update = this.#tell(order, event, { price: at, quantity: quantity(nanos) });
    for (const [one, status] of afterFill(order)) this.#become(one, status);
    return update;
  }

  /** Takes a trade back. Of an order that has ended the status stays. */
  bust(fill: TradeUpdate): TradeUpdate {
    return this.#changeTrade(fill, null);
  }

  /** Gives a trade another price in dollars, under another execution id. */
  correct(fill: TradeUpdate, priceUsd: number): TradeUpdate {
    return this.#changeTrade(fill, price(Math.round(priceUsd * 1_000_000_000)));
  }

  /** Sets the status, as any of the broker's ends or middles. */
  become(clientOrderId: string, status: string, event = status): TradeUpdate {
    return this.#become(this.order(clientOrderId), status, event);
  }

  /** Decides a replacement that pends: made, or turned down. */
  settleReplace(newClientOrderId: string, isMade: boolean): void {
    const successor = this.order(newClientOrderId);
    const old = this.#orders.find((one) => one.brokerOrderId === successor.replaces);
    assert(old !== undefined, `expected the order that ${newClientOrderId} replaces`);
    if (isMade) giveWay(old, successor);
    this.#become(old, isMade ? 'replaced' : 'new', isMade ? 'replaced' : 'order_replace_rejected');
    this.#become(successor, isMade ? 'new' : 'rejected');
  }

  /** Puts an order there without anybody having asked through this port. */
  place(request: OrderRequest): ScriptedOrder {
    const order = this.#enter(request, { status: 'new', replaces: null, parent: null });
    for (const leg of legRequestsOf(request, order.brokerOrderId)) {
      this.#enter(leg, { status: 'held', replaces: null, parent: order });
    }
    return order;
  }

  hold(symbol: string, units: number): void {
    this.#units.set(symbol, units * UNIT_NANOS);
  }

  unitsHeld(symbol: string): number {
    return (this.#units.get(symbol) ?? 0) / UNIT_NANOS;
  }

  push(update: TradeUpdate): void {
    this.#listener?.onUpdate(update);
  }

  pushUnreadable(raw: string): void {
    this.#listener?.onUnreadable(raw, 'not JSON');
  }

  closeStream(reason: string): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onClosed(reason);
  }

  get isStreamOpen(): boolean {
    return this.#listener !== null;
  }

  get activities(): readonly FillActivity[] {
    return this.#activities;
  }

  // The port.

  async submitOrder(request: OrderRequest): Promise<SubmitOutcome> {
    await this.#called('submitOrder');
    const script = this.submits.shift() ?? 'accept';
    switch (script) {
      case 'refuse':
        return refusal('40310000', 'insufficient buying power', false);
      case 'drop_before':
        return { kind: 'unknown', reason: 'socket hang up', raw: null };
      case 'not_sent':
        return { kind: 'not_sent', reason: 'no connection', retryAfterMs: null };
      case 'rate_limited':
        throw new BrokerRateLimited('too many requests', 700);
      case 'wrong_keys':
        throw new BrokerAuthRefused('forbidden');
      default:
        return this.#take(request, script);
    }
  }

  async cancelOrder(brokerOrderId: string): Promise<CancelOutcome> {
    await this.#called('cancelOrder');
    if (this.cancelOutcome !== null) return this.cancelOutcome;
    const order = this.#orders.find((one) => one.brokerOrderId === brokerOrderId);
    if (order === undefined) return { kind: 'not_found' };
    if (!isOpenAtBroker(order)) return { kind: 'not_cancelable', message: `is ${order.status}` };
    for (const one of [order, ...groupOf(order)]) this.#become(one, 'canceled');
    return { kind: 'requested' };
  }

  async replaceOrder(request: ReplacementRequest): Promise<SubmitOutcome> {
    await this.#called('replaceOrder');
    this.replaceRequests.push(request);
    const script = this.replacements.shift() ?? 'replace';
    if (script === 'drop_before') return { kind: 'unknown', reason: 'socket hang up', raw: null };
    if (script === 'not_sent')
      return { kind: 'not_sent', reason: 'no connection', retryAfterMs: null };
    const old = this.#orders.find((one) => one.brokerOrderId === request.brokerOrderId);
    const isReplaceable = old !== undefined && REPLACEABLE.includes(old.status);
    if (script === 'refuse' || !isReplaceable) {
      return refusal('42210000', `cannot replace order in ${old?.status ?? 'no'} status`, false);
    }
    return this.#replace(old, request, script);
  }

  async cancelAllOrders(): Promise<{ requested: number; failedBrokerOrderIds: readonly string[] }> {
    await this.#called('cancelAllOrders');
    const open = this.#orders.filter(isOpenAtBroker);
    for (const { request } of open) this.become(request.clientOrderId, 'canceled');
    return { requested: open.length, failedBrokerOrderIds: [] };
  }

  async orderById(brokerOrderId: string): Promise<BrokerOrder | null> {
    await this.#called('orderById');
    return this.#shown((order) => order.brokerOrderId === brokerOrderId, true)[0] ?? null;
  }

  async orderByClientOrderId(clientOrderId: string): Promise<BrokerOrder | null> {
    await this.#called('orderByClientOrderId');
    return this.#shown(({ request }) => request.clientOrderId === clientOrderId)[0] ?? null;
  }

  async openOrders(): Promise<readonly BrokerOrder[]> {
    await this.#called('openOrders');
    return this.#shown(isListedAsOpen);
  }

  async ordersSubmittedSince(sinceMs: number): Promise<readonly BrokerOrder[]> {
    await this.#called('ordersSubmittedSince');
    return this.#shown(({ submittedAtMs }) => submittedAtMs >= sinceMs);
  }

  async ordersSubmittedBefore(untilMs: number): Promise<readonly BrokerOrder[]> {
    await this.#called('ordersSubmittedBefore');
    return this.#shown(({ submittedAtMs }) => submittedAtMs < untilMs).toReversed();
  }

  async fillActivitiesSince(): Promise<readonly FillActivity[]> {
    await this.#called('fillActivitiesSince');
    return this.areActivitiesLagging ? [] : [...this.#activities];
  }

  async cashActivitiesSince(): Promise<readonly CashActivity[]> {
    await this.#called('cashActivitiesSince');
    return [...this.cashActivities];
  }

  async positions(): Promise<readonly BrokerPosition[]> {
    await this.#called('positions');
    return [...this.#units].flatMap(([symbol, nanos]) => positionsOf(symbol, nanos));
  }

  async account(): ReturnType<Broker['account']> {
    await this.#called('account');
    return accountWith(usd(this.cashMicros));
  }

  async clock(): ReturnType<Broker['clock']> {
    await this.#called('clock');
    const atMs = epochMs(BROKER_START_MS);
    return { atMs, isOpen: true, nextOpenAtMs: atMs, nextCloseAtMs: atMs };
  }

  async calendar(): ReturnType<Broker['calendar']> {
    await this.#called('calendar');
    return [];
  }

  async asset(symbol: string): ReturnType<Broker['asset']> {
    await this.#called('asset');
    if (symbol === 'NONE') return null;
    const flags = { tradable: true, shortable: true, fractionable: true };
    return { assetId: `asset-${symbol}`, symbol, name: symbol, exchange: 'ARCA', ...flags };
  }

  async openTradeUpdates(listener: TradeUpdateListener): ReturnType<Broker['openTradeUpdates']> {
    await this.#called('openTradeUpdates');
    this.#listener = listener;
    return {
      close: async () => {
        this.#listener = null;
      },
    };
  }

  async #called(call: Call): Promise<void> {
    this.calls.push(call);
    await this.beforeAnswer(call);
    if (this.failing.has(call)) throw new BrokerUnavailable(`${call} did not answer`);
  }

  #take(request: OrderRequest, script: SubmitScript): SubmitOutcome {
    if (this.count(request.clientOrderId) > 0) {
      return refusal('40010001', 'client_order_id must be unique', true);
    }
    const isAltered = script === 'take_another_quantity';
    const units = isAltered ? quantity(request.quantity + UNIT_NANOS) : request.quantity;
    const order = this.place({ ...request, quantity: units });
    for (const one of [order, ...order.legs]) this.#become(one, one.status);
    if (script === 'execute_then_drop') {
      return { kind: 'unknown', reason: 'timeout', raw: null };
    }
    return { kind: 'accepted', order: snapshotOf(order, true) };
  }

  #changeTrade({ order: told, ...fill }: TradeUpdate, corrected: Price | null): TradeUpdate {
    const order = this.order(told.clientOrderId);
    assert(fill.price !== null && fill.quantity !== null, 'expected a fill to change');
    const sign = order.request.side === 'buy' ? 1 : -1;
    const product = (at: Price): bigint => BigInt(fill.quantity ?? 0) * BigInt(at);
    order.filledProduct += (corrected === null ? 0n : product(corrected)) - product(fill.price);
    this.cashMicros += sign * notionalRounded(fill.price, fill.quantity);
    if (corrected === null) {
      order.filledNanos -= fill.quantity;
      const { symbol } = order.request;
      this.#units.set(symbol, (this.#units.get(symbol) ?? 0) - sign * fill.quantity);
      if (order.filledNanos === 0 && order.status === 'partially_filled') order.status = 'new';
    } else {
      this.cashMicros -= sign * notionalRounded(corrected, fill.quantity);
    }
    const event = corrected === null ? 'trade_bust' : 'trade_correct';
    const execution = { price: corrected ?? fill.price, quantity: fill.quantity };
    return this.#tell(order, event, execution, fill.executionId);
  }

  #replace(old: ScriptedOrder, request: ReplacementRequest, script: ReplaceScript): SubmitOutcome {
    if (this.count(request.clientOrderId) > 0) {
      return refusal('40010001', 'client_order_id must be unique', true);
    }
    const changed: OrderRequest = {
      ...old.request,
      clientOrderId: request.clientOrderId,
      // As the broker does it: the quantity of the wish, whatever has filled of it.
      quantity: request.quantity ?? quantity(old.orderedNanos),
      limitPrice: request.limitPrice ?? old.request.limitPrice,
      stopPrice: request.stopPrice ?? old.request.stopPrice,
      timeInForce: request.timeInForce ?? old.request.timeInForce,
    };
    const { brokerOrderId: replaces, parent } = old;
    const successor = this.#enter(changed, { status: 'pending_new', replaces, parent });
    this.#become(old, 'pending_replace');
    this.#become(successor, 'pending_new');
    if (script !== 'pend') this.settleReplace(request.clientOrderId, true);
    if (script === 'execute_then_drop') return { kind: 'unknown', reason: 'timeout', raw: null };
    return { kind: 'accepted', order: snapshotOf(successor) };
  }

  #enter(
    request: OrderRequest,
    as: { readonly status: string; replaces: string | null; parent: ScriptedOrder | null },
  ): ScriptedOrder {
    const order: ScriptedOrder = {
      ...as,
      brokerOrderId: `broker-${(this.#sequence += 1)}`,
      request,
      submittedAtMs: BROKER_START_MS,
      orderedNanos: request.quantity,
      legs: [],
      replacedBy: null,
      filledNanos: 0,
      filledProduct: 0n,
      change: (this.#change += 1),
    };
    this.#orders.push(order);
    as.parent?.legs.push(order);
    return order;
  }

  #become(order: ScriptedOrder, status: string, event = status): TradeUpdate {
    order.status = status;
    return this.#tell(order, event, { price: null, quantity: null });
  }

  #shown(isMeant: (order: ScriptedOrder) => boolean, isNested = false): readonly BrokerOrder[] {
    if (this.isLagging) return [];
    return this.#orders.filter(isMeant).map((order) => snapshotOf(order, isNested));
  }

  #book({ brokerOrderId, request, filledNanos }: ScriptedOrder, nanos: number, at: Price): void {
    const sign = request.side === 'buy' ? 1 : -1;
    this.#units.set(request.symbol, (this.#units.get(request.symbol) ?? 0) + sign * nanos);
    this.cashMicros -= sign * notionalRounded(at, quantity(nanos));
    this.#activities.push({
      activityId: `activity-${this.#activities.length + 1}`,
      brokerOrderId,
      symbol: request.symbol,
      side: request.side,
      price: at,
      quantity: quantity(nanos),
      cumulativeQuantity: quantity(filledNanos),
      at: formatInstant(epochMs(BROKER_START_MS + this.#change + 1)),
      raw: '{}',
    });
  }

  #tell(
    order: ScriptedOrder,
    event: string,
    execution: Pick<TradeUpdate, 'price' | 'quantity'>,
    previousExecutionId: string | null = null,
  ): TradeUpdate {
    order.change = this.#change += 1;
    const snapshot = snapshotOf(order);
    const update: TradeUpdate = {
      event,
      eventId: `event-${this.updates.length + 1}`,
      executionId: execution.price === null ? null : `execution-${this.updates.length + 1}`,
      previousExecutionId,
      ...execution,
      at: formatInstant(epochMs(BROKER_START_MS + order.change)),
      order: snapshot,
      raw: JSON.stringify({ event, order: snapshot.raw, number: this.updates.length }),
    };
    this.updates.push(update);
    if (!this.isMuted) this.push(update);
    return update;
  }
}

const REPLACEABLE = ['new', 'accepted', 'partially_filled', 'held'];
