import { BrokerRateLimited, BrokerUnavailable } from '../../../adapters/broker/errors.js';
import type {
  Broker,
  BrokerOrder,
  CancelOutcome,
  OrderRequest,
  ReplacementRequest,
  SubmitOutcome,
} from '../../../adapters/broker/port.js';
import { CLOSED_STATES } from '../../../domain/order/index.js';
import { ZERO_USD } from '../../../domain/values/index.js';
import {
  type AccountView,
  type Handling,
  isOpen,
  type PlaceResult,
} from '../../../exchange/matching/index.js';
import type { FaultName } from '../faults/fault-names.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Chance } from '../time/chance.js';
import type { Owner } from '../time/event-heap.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { positionOf } from './shown-positions.js';
import { brokerOrderOf, fillActivityOf, groupOf } from './shown-orders.js';
import { type SimulatedExchange } from './simulated-exchange.js';
import type { StaleViews } from './stale-views.js';
import { openStreamLine } from './stream-line.js';
import {
  CANCEL_FAULTS,
  type HandlingFaults,
  handlingOf,
  REPLACE_FAULTS,
  treatmentOf,
} from './treatment.js';

/** Who looks on at what a process sends and is answered, at the instants that count. */
export interface WireWatch {
  /** A process begins to send; nothing was awaited since its last look. Numbers the send. */
  sendBegins(clientOrderId: string, bootEpoch: number): number;
  /** The exchange has the request. */
  received(submission: { readonly clientOrderId: string; readonly bootEpoch: number }): void;
  /** The answer has proven that the send has made no order. */
  sendMadeNothing(clientOrderId: string, send: number): void;
  /** A lookup has told the process that there is no such order. */
  lookupMissed(clientOrderId: string): void;
  /** A list of all orders, open and closed, has reached the process. */
  listed(clientOrderIds: ReadonlySet<string>): void;
}

export interface BrokerParts {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly exchange: SimulatedExchange;
  readonly views: StaleViews;
  readonly owner: Owner;
  readonly bootEpoch: number;
  readonly watch: WireWatch;
  readonly stateOf: (clientOrderId: string) => string;
}

const SUBMIT_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 10_000;
const LOOKUP_LAG_MS = 30_000;
const LATENCY_MS = [1, 30] as const;
/** Market time by which a list of executions is behind when it is. */
const ACTIVITIES_LAG_MS = [1_000, 120_000] as const;
const ENDED_STATES: readonly string[] = CLOSED_STATES;

export const ACCOUNT_NUMBER = 'PA-SIMULATED';

/** One process's way to the exchange: requests and answers travel, and some do not arrive. */
export class SimulatedBroker implements Broker {
  readonly #parts: BrokerParts;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  submitOrder(request: OrderRequest): Promise<SubmitOutcome> {
    const { watch, faults, exchange, bootEpoch, chance } = this.#parts;
    const { clientOrderId } = request;
    const execute = (): SubmitOutcome => {
      watch.received({ clientOrderId, bootEpoch });
      // An id that exists already is refused, whatever else the exchange might do.
      const isNew = exchange.engine.book.findByClientOrderId(clientOrderId) === null;
      const state = this.#stateOf(clientOrderId);
      const how = isNew ? treatmentOf({ request, faults, chance, state }) : {};
      return this.#submitOutcomeOf(exchange.place({ ...request }, how));
    };
    return this.#send(clientOrderId, { name: `submit ${clientOrderId}`, execute });
  }

  replaceOrder(request: ReplacementRequest): Promise<SubmitOutcome> {
    const { watch, exchange, bootEpoch } = this.#parts;
    const { brokerOrderId, clientOrderId, ...change } = request;
    return this.#send(clientOrderId, {
      name: `replace by ${clientOrderId}`,
      execute: () => {
        watch.received({ clientOrderId, bootEpoch });
        const handling = this.#handlingOf(brokerOrderId, REPLACE_FAULTS);
        const wish = { ...change, clientOrderId };
        return this.#submitOutcomeOf(exchange.replace(brokerOrderId, wish, handling));
      },
    });
  }

  cancelOrder(brokerOrderId: string): Promise<CancelOutcome> {
    const { exchange } = this.#parts;
    const clientOrderId = exchange.engine.book.find(brokerOrderId)?.clientOrderId ?? '';
    const state = this.#stateOf(clientOrderId);
    return this.#travel<CancelOutcome>({
      name: `cancel ${clientOrderId}`,
      state,
      timeoutMs: SUBMIT_TIMEOUT_MS,
      execute: () => {
        const handling = this.#handlingOf(brokerOrderId, CANCEL_FAULTS);
        return cancelOutcomeOf(exchange.cancel(brokerOrderId, handling));
      },
      rateLimited: refuseForRate,
      unsent: (reason) => ({ kind: 'unknown', reason }),
      unanswered: (reason) => ({ kind: 'unknown', reason }),
    });
  }

  cancelAllOrders(): ReturnType<Broker['cancelAllOrders']> {
    const { exchange } = this.#parts;
    return this.#travel({
      name: 'cancel all',
      state: undefined,
      timeoutMs: READ_TIMEOUT_MS,
      execute: () => {
        const open = exchange.engine.book.open();
        const failed = open.filter(({ id }) => !exchange.cancel(id, 'normal').ok);
        return {
          requested: open.length - failed.length,
          failedBrokerOrderIds: failed.map(({ id }) => id),
        };
      },
      ...READ_FAILURES,
    });
  }

  orderById(brokerOrderId: string): Promise<BrokerOrder | null> {
    const clientOrderId = this.#parts.exchange.engine.book.find(brokerOrderId)?.clientOrderId ?? '';
    const read = ({ book }: AccountView): BrokerOrder | null => {
      const found = book.find(brokerOrderId);
      return found === null ? null : groupOf(found, book);
    };
    return this.#read(`order ${brokerOrderId.slice(-4)}`, read, this.#stateOf(clientOrderId));
  }

  async orderByClientOrderId(clientOrderId: string): Promise<BrokerOrder | null> {
    const { exchange, faults, watch } = this.#parts;
    const state = this.#stateOf(clientOrderId);
    const read = ({ book }: AccountView): BrokerOrder | null => {
      const found = book.findByClientOrderId(clientOrderId);
      if (found === null) return null;
      const isFresh = exchange.nowMs - found.createdAtMs < LOOKUP_LAG_MS;
      // Once the books have its end, a miss could mislead nobody.
      const canMislead = isFresh && !ENDED_STATES.includes(state);
      if (canMislead && faults.hits('lookup_miss', { state, weight: 8 })) return null;
      return brokerOrderOf(found);
    };
    const told = await this.#read(`look up ${clientOrderId}`, read, state);
    if (told === null) watch.lookupMissed(clientOrderId);
    return told;
  }

  openOrders(...[purpose]: Parameters<Broker['openOrders']>): ReturnType<Broker['openOrders']> {
    const { views } = this.#parts;
    return this.#read('open orders', (view) => {
      const { book } = purpose === 'halt' ? views.toldHalt(view) : view;
      // As Alpaca lists: a leg that waits is among the closed.
      return book
        .open()
        .filter(({ status }) => status !== 'held')
        .map(brokerOrderOf);
    });
  }

  async ordersSubmittedSince(sinceMs: number): Promise<readonly BrokerOrder[]> {
    const listed = await this.#read('orders since', ({ book }) =>
      book
        .all()
        .filter(({ submittedAtMs }) => submittedAtMs >= sinceMs)
        .map(brokerOrderOf),
    );
    this.#parts.watch.listed(new Set(listed.map(({ clientOrderId }) => clientOrderId)));
    return listed;
  }

  ordersSubmittedBefore(untilMs: number): Promise<readonly BrokerOrder[]> {
    return this.#read('orders before', ({ book }) =>
      book
        .all()
        .filter(({ submittedAtMs }) => submittedAtMs < untilMs)
        .map(brokerOrderOf)
        .toReversed(),
    );
  }

  fillActivitiesSince(sinceMs: number): ReturnType<Broker['fillActivitiesSince']> {
    const { exchange, faults } = this.#parts;
    return this.#read('activities', () => {
      const isStale = faults.hits('stale_activities');
      const lagMs = isStale ? faults.chanceOf('stale_activities').between(...ACTIVITIES_LAG_MS) : 0;
      const shown = exchange.executionsSince(sinceMs);
      return shown.filter(({ atMs }) => atMs <= exchange.nowMs - lagMs).map(fillActivityOf);
    });
  }

  /** Nothing moves cash there but fills. */
  cashActivitiesSince(): ReturnType<Broker['cashActivitiesSince']> {
    return this.#read('cash activities', () => []);
  }

  positions(...[purpose]: Parameters<Broker['positions']>): ReturnType<Broker['positions']> {
    const { views } = this.#parts;
    return this.#read('positions', () => {
      const view = views.viewFor('positions_lag');
      const { ledger } = purpose === 'halt' ? views.toldHalt(view) : view;
      return ledger.allPositions().map((position) => positionOf(position, ledger));
    });
  }

  account(): ReturnType<Broker['account']> {
    const { exchange, faults } = this.#parts;
    return this.#read('account', () => {
      const { ledger } = exchange.engine;
      const values = ledger.values();
      const isZeroed = faults.hits('zeroed_account');
      const equity = isZeroed ? ZERO_USD : values.equity;
      return {
        accountNumber: ACCOUNT_NUMBER,
        status: 'ACTIVE',
        cash: isZeroed ? ZERO_USD : values.cash,
        equity,
        lastEquity: values.lastEquity,
        buyingPower: isZeroed ? ZERO_USD : exchange.engine.buyingPower(),
        multiplier: '4',
        shortingEnabled: true,
        blocked: false,
        raw: '{}',
      };
    });
  }

  clock(): ReturnType<Broker['clock']> {
    const { exchange } = this.#parts;
    return this.#read('clock', () => ({
      atMs: exchange.nowMs,
      isOpen: exchange.isOpen,
      nextOpenAtMs: exchange.nextBells.openAtMs,
      nextCloseAtMs: exchange.nextBells.closeAtMs,
    }));
  }

  calendar(): ReturnType<Broker['calendar']> {
    return this.#read('calendar', () => []);
  }

  asset(symbol: string): ReturnType<Broker['asset']> {
    const flags = { tradable: true, shortable: true, fractionable: true };
    return this.#read(`asset ${symbol}`, () => ({
      assetId: `asset-${symbol}`,
      symbol,
      name: symbol,
      exchange: 'NYSE',
      ...flags,
    }));
  }

  async openTradeUpdates(
    listener: Parameters<Broker['openTradeUpdates']>[0],
  ): ReturnType<Broker['openTradeUpdates']> {
    await this.#read('subscribe', () => null);
    return openStreamLine(this.#parts, listener);
  }

  /** What becomes of a cancel or a replacement; of an order that takes none, a refusal does. */
  #handlingOf(brokerOrderId: string, names: HandlingFaults): Handling {
    const { exchange, faults } = this.#parts;
    const order = exchange.engine.book.find(brokerOrderId);
    if (order === null || !isOpen(order) || order.suspendedFrom !== null) return 'normal';
    return handlingOf(faults, this.#stateOf(order.clientOrderId), names);
  }

  /** The order with the legs that came with it, as they were received. */
  #submitOutcomeOf(result: PlaceResult): SubmitOutcome {
    if (!result.ok) return refusedOutcomeOf(result);
    const legs = result.legs.map(brokerOrderOf);
    return { kind: 'accepted', order: { ...brokerOrderOf(result.order), legs } };
  }

  #stateOf(clientOrderId: string): string {
    return this.#parts.stateOf(clientOrderId);
  }

  /** A request that may make an order, from the instant that it leaves. */
  async #send(
    clientOrderId: string,
    request: Pick<Trip<SubmitOutcome>, 'name' | 'execute'>,
  ): Promise<SubmitOutcome> {
    const { watch, bootEpoch } = this.#parts;
    const send = watch.sendBegins(clientOrderId, bootEpoch);
    const outcome = await this.#travel<SubmitOutcome>({
      ...request,
      state: this.#stateOf(clientOrderId),
      timeoutMs: SUBMIT_TIMEOUT_MS,
      ...SUBMIT_FAILURES,
    });
    const hasMadeNothing =
      outcome.kind === 'not_sent' || (outcome.kind === 'refused' && !outcome.duplicate);
    if (hasMadeNothing) watch.sendMadeNothing(clientOrderId, send);
    return outcome;
  }

  /** A question about everything, or about an order that the books have in a state. */
  #read<Answer>(
    name: string,
    read: (view: AccountView) => Answer,
    state?: string,
  ): Promise<Answer> {
    const { views } = this.#parts;
    return this.#travel<Answer>({
      name,
      state,
      timeoutMs: READ_TIMEOUT_MS,
      execute: () => read(views.viewFor('stale_read', state)),
      ...READ_FAILURES,
    });
  }

  /** A request goes out, is done, and its answer comes back: or not, or late, or too late. */
  #travel<Answer>(trip: Trip<Answer>): Promise<Answer> {
    const { time, faults, owner, chance } = this.#parts;
    if (!owner.isAlive) return new Promise(() => undefined);
    const { state } = trip;
    const hits = (fault: FaultName): boolean => faults.hits(fault, { state });
    return new Promise((resolve, reject) => {
      let isSettled = false;
      const settle = (answer: () => Answer): void => {
        if (isSettled) return;
        isSettled = true;
        timeout.cancel();
        try {
          resolve(answer());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const back = (delayMs: number, answer: () => Answer): void => {
        time.after(delayMs, { owner, label: `answer to ${trip.name}` }, () => settle(answer));
      };
      const timeout = time.after(trip.timeoutMs, { owner, label: '' }, () =>
        settle(() => trip.unanswered('timeout')),
      );
      if (hits('not_connected')) return back(5, () => trip.unsent('no connection'));
      if (hits('rate_limited')) return back(5, () => trip.rateLimited(chance.whole(200, 3_000)));
      if (hits('request_lost'))
        return back(chance.between(5, 8_000), () => trip.unanswered('reset'));
      // A send that arrives when nobody waits for it any more is what most depends on it.
      const slowWeight = state === 'submitting' ? 4 : 1;
      const wayMs = faults.hits('slow_request', { state, weight: slowWeight })
        ? chance.between(1_000, 20_000)
        : chance.between(...LATENCY_MS);
      time.after(wayMs, { owner: null, label: trip.name }, () => {
        const isBroken = hits('server_error');
        if (isBroken && chance.hit(0.5)) return back(5, () => trip.unanswered('HTTP 500'));
        const answer = trip.execute();
        if (hits('answer_lost')) return;
        const homeMs = hits('slow_answer')
          ? chance.between(500, 9_000)
          : chance.between(...LATENCY_MS);
        back(homeMs, isBroken ? () => trip.unanswered('HTTP 502') : () => answer);
      });
    });
  }
}

interface Trip<Answer> {
  readonly name: string;
  /** In which the books have the order that it is about, as it leaves; undefined: about none. */
  readonly state: string | undefined;
  readonly timeoutMs: number;
  readonly execute: () => Answer;
  readonly rateLimited: (retryAfterMs: number) => Answer;
  /** Proven: it never left. */
  readonly unsent: (reason: string) => Answer;
  readonly unanswered: (reason: string) => Answer;
}

const SUBMIT_FAILURES: Pick<Trip<SubmitOutcome>, 'rateLimited' | 'unsent' | 'unanswered'> = {
  rateLimited: (retryAfterMs) => ({ kind: 'not_sent', reason: 'rate limited', retryAfterMs }),
  unsent: (reason) => ({ kind: 'not_sent', reason, retryAfterMs: null }),
  unanswered: (reason) => ({ kind: 'unknown', reason, raw: null }),
};

const READ_FAILURES = {
  rateLimited: refuseForRate,
  unsent: refuseRead,
  unanswered: refuseRead,
} as const;

function refuseForRate(retryAfterMs: number): never {
  throw new BrokerRateLimited('too many requests', retryAfterMs);
}

function refuseRead(reason: string): never {
  throw new BrokerUnavailable(reason);
}

function refusedOutcomeOf(result: Extract<PlaceResult, { readonly ok: false }>): SubmitOutcome {
  const { code } = result.refusal;
  const duplicate = code === 'duplicate_client_order_id';
  return { kind: 'refused', code, message: code, duplicate, raw: JSON.stringify(result.refusal) };
}

function cancelOutcomeOf(result: PlaceResult): CancelOutcome {
  if (result.ok) return { kind: 'requested' };
  const { code } = result.refusal;
  if (code === 'order_not_found') return { kind: 'not_found' };
  return { kind: 'not_cancelable', message: code };
}
