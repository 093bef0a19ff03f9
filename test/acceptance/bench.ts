import { setTimeout as pause } from 'node:timers/promises';
import type { OrderRow } from '../../adapters/store/port.js';
import { isClosed, OPEN_STATES, type OrderState, stateOf } from '../../domain/order/index.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { type Price, price, type Quantity, wholeUnits } from '../../domain/values/index.js';
import type { ManualOrder } from '../../workers/index.js';
import type { CancelAnswer, OrderView, ReplaceAnswer } from '../../workflows/contract/index.js';
import { addFault, type ExchangeAccess, exchangeOfRun } from '../support/stack-evidence.js';
import { type BrokerName, NotSeen } from './card.js';
import type { System } from '../support/system.js';

/** An order of a card: what it leaves out is one share at the market, for the day. */
export type Wish = Partial<Omit<ManualOrder, 'symbol'>> & {
  readonly side: ManualOrder['side'];
  readonly symbol?: string;
};

const PATIENCE_MS = 60_000;
const LOOK_MS = 100;
const CENT_NANOS = 10_000_000;

/** What cards work with: the running system, one symbol, and what was seen of it. */
export class Bench {
  readonly broker: BrokerName;
  readonly symbol: string;
  readonly system: System;
  /** Client order ids that cards have sent, in order. */
  readonly sent: string[] = [];
  readonly #prefix: string;
  #seen: string[] = [];
  #reference: Price | null = null;

  constructor(options: {
    readonly broker: BrokerName;
    readonly symbol: string;
    readonly system: System;
    /** Begins every client order id, so that two sessions never share one. */
    readonly prefix: string;
  }) {
    this.broker = options.broker;
    this.symbol = options.symbol;
    this.system = options.system;
    this.#prefix = options.prefix;
  }

  /** What was seen since it was asked for the last time. */
  takeSeen(): readonly string[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  note(what: string): void {
    this.#seen.push(what);
  }

  /** Waits until it is so, and keeps that it was seen. */
  async see(
    what: string,
    isSo: () => Promise<boolean> | boolean,
    patienceMs = PATIENCE_MS,
  ): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while (!(await isSo())) {
      if (performance.now() > untilMs) throw new NotSeen(`not seen: ${what}`);
      await pause(LOOK_MS);
    }
    this.note(what);
  }

  /** The last word of the start about the market's phase. */
  isMarketOpen(): boolean {
    const last = this.system.lines.findLast((line) => /^market \S+ \S+, /.test(line));
    return last !== undefined && /, open, /.test(last);
  }

  /** Where the broker can be told to misbehave; null: it does not do that. */
  faults(): ExchangeAccess | null {
    return this.broker === 'exchange' ? exchangeOfRun(this.system.dataDirectory) : null;
  }

  async misbehave(fault: object): Promise<void> {
    const access = this.faults();
    if (access === null) throw new Error('expected a broker that misbehaves on command');
    await addFault(access, fault);
    this.note(`the broker was told to: ${JSON.stringify(fault)}`);
  }

  /** Sends one order and waits for the answer, our denial, or that nobody can tell. */
  async submit(wish: Wish, clientOrderId: string = this.nextId()): Promise<OrderView> {
    this.sent.push(clientOrderId);
    const order: ManualOrder = { ...this.#usual(clientOrderId), ...wish };
    const view = await this.system.client.submitOrder(order, {
      by: 'acceptance',
      dataDirectory: this.system.dataDirectory,
    });
    this.note(`order ${clientOrderId}: ${view.state}${view.detail ? `: ${view.detail}` : ''}`);
    return view;
  }

  nextId(): string {
    return `${this.#prefix}-${this.sent.length + 1}`;
  }

  #usual(clientOrderId: string): Omit<ManualOrder, 'side'> {
    return {
      clientOrderId,
      symbol: this.symbol,
      quantity: wholeUnits(1),
      amount: null,
      type: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      extendedHours: false,
      ...WITHOUT_EXITS,
    };
  }

  async cancel(clientOrderId: string): Promise<CancelAnswer> {
    const request = { requestedBy: 'acceptance', reason: 'a card' };
    const answer = await this.system.client.cancelOrder(clientOrderId, request);
    this.note(`cancel of ${clientOrderId}: ${answer.outcome} (${answer.state})`);
    return answer;
  }

  /** Asks for another limit; the order that comes in the place of this one is one of the cards'. */
  async replace(clientOrderId: string, limitPrice: Price): Promise<ReplaceAnswer> {
    const change = { quantity: null, limitPrice, stopPrice: null, timeInForce: null };
    const request = { ...change, requestedBy: 'acceptance', reason: 'a card' };
    const answer = await this.system.client.replaceOrder(clientOrderId, request);
    if (answer.replacement !== null) this.sent.push(answer.replacement);
    this.note(`replace of ${clientOrderId}: ${answer.outcome} (${answer.state})`);
    return answer;
  }

  async row(clientOrderId: string): Promise<OrderRow> {
    const row = await (await this.system.reader()).orders.byClientOrderId(clientOrderId);
    if (row === null) throw new NotSeen(`order ${clientOrderId} is not in the books`);
    return row;
  }

  async state(clientOrderId: string): Promise<OrderState> {
    return stateOf((await this.row(clientOrderId)).order);
  }

  async untilState(clientOrderId: string, ...states: readonly OrderState[]): Promise<void> {
    await this.see(`order ${clientOrderId} is ${states.join(' or ')}`, async () =>
      states.includes(await this.state(clientOrderId)),
    );
  }

  /** Every fill of an order, in the books. */
  async filled(clientOrderId: string): Promise<Quantity> {
    return (await this.row(clientOrderId)).order.filledQuantity;
  }

  /** The orders that cards sent and that may still cost money. */
  async openOrders(): Promise<readonly OrderRow[]> {
    const rows = await (await this.system.reader()).orders.inStates(OPEN_STATES);
    return rows.filter(({ order }) => this.sent.includes(order.intent.clientOrderId));
  }

  /** Units of the symbol that the books hold: positive long, negative short, in nano-units. */
  async held(): Promise<number> {
    const position = await (await this.system.reader()).positions.bySymbol(this.symbol);
    if (position === null) return 0;
    return position.side === 'short' ? -position.quantity : position.quantity;
  }

  /** Keeps the price of a fill, for the limits of later orders. */
  async takeReference(clientOrderId: string): Promise<void> {
    const [fill] = await (await this.system.reader()).fills.byOrder(clientOrderId);
    if (fill === undefined) throw new NotSeen(`no fill of order ${clientOrderId}`);
    this.#reference = fill.price;
  }

  /** A price so many percent off the last reference, in whole cents. */
  priceOff(percent: number): Price {
    if (this.#reference === null) throw new NotSeen('no price is known: nothing has filled yet');
    const nanos = Math.round((this.#reference * (100 + percent)) / 100);
    return price(Math.round(nanos / CENT_NANOS) * CENT_NANOS);
  }

  /** The same, and half a cent more: finer than the tick. */
  halfACentOff(percent: number): Price {
    return price(this.priceOff(percent) + CENT_NANOS / 2);
  }

  /** Books and broker are compared until the comparison was calm: it must find nothing. */
  async reconcile(): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const { outcome, message } = await this.system.client.reconcile();
      if (outcome === 'clean') {
        this.note(`reconciliation: clean: ${message}`);
        return;
      }
      if (outcome !== 'not_calm' || performance.now() > untilMs) {
        throw new NotSeen(`reconciliation: ${outcome}: ${message}`);
      }
      await pause(LOOK_MS);
    }
  }

  async isOver(clientOrderId: string): Promise<boolean> {
    return isClosed(await this.state(clientOrderId));
  }
}
