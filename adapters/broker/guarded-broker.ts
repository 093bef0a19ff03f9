import {
  admitCall,
  type Breaker,
  type BreakerCounters,
  type BreakerStatus,
  breakerRetryAfterMs,
  breakerStatus,
  closedBreaker,
  type Outage,
  outageOf,
  recordCall,
  recordProbe,
  ticketOf,
} from '../../domain/safety/breaker.js';
import { BrokerAuthRefused, BrokerCircuitOpen, BrokerRateLimited } from './errors.js';
import type { Broker, CancelOutcome, ReadUse, SubmitOutcome } from './port.js';
import type { RequestKind, TokenBucket, TokenUse } from './rate-limit.js';

export interface BreakerChange {
  readonly kind: RequestKind;
  readonly from: BreakerStatus;
  readonly to: BreakerStatus;
  readonly counters: BreakerCounters;
}

export interface GuardOptions {
  readonly bucket: TokenBucket;
  /** Monotonic. */
  readonly monotonicNowMs: () => number;
  /** Told of each change of a circuit, once; must not throw. */
  readonly onBreakerChange: (change: BreakerChange) => void;
}

export interface BreakerView {
  readonly status: BreakerStatus;
  readonly retryAfterMs: number;
  readonly counters: BreakerCounters;
  /** Calls of this class that have failed in a row, whatever its circuit has done since. */
  readonly outage: Outage | null;
}

/** Whether an order may go to the wire now. A yes has taken the token of one request. */
export type SubmitReadiness =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: 'circuit_open' | 'rate_limited';
      readonly retryAfterMs: number;
    };

export interface GuardedBroker extends Broker {
  /**
   * Asked once for each `submitOrder` and `replaceOrder`, before anything of it is written down:
   * they take no token themselves. Where nothing is sent after all, the token stays spent.
   */
  prepareSubmit(): SubmitReadiness;
  breakers(): Readonly<Record<RequestKind, BreakerView>>;
}

/**
 * A broker behind one request budget and a circuit breaker for each class of calls. Reads fail fast
 * with `BrokerCircuitOpen` or `BrokerRateLimited`; orders go only while their circuit is closed and
 * answer `not_sent` otherwise, and it is reads that try their circuit again; cancels, and the reads
 * that a halt waits for, are never held back by a circuit.
 */
export function guardBroker(broker: Broker, options: GuardOptions): GuardedBroker {
  const gate = new RequestGate(options);
  const read = <Answer>(ask: () => Promise<Answer>, use: ReadUse = 'ordinary'): Promise<Answer> =>
    gate.read(ask, use);
  return {
    submitOrder: (request, signal) => gate.submit(() => broker.submitOrder(request, signal)),
    replaceOrder: (request, signal) => gate.submit(() => broker.replaceOrder(request, signal)),
    cancelOrder: (brokerOrderId) =>
      gate.cancel(() => broker.cancelOrder(brokerOrderId), isReadableCancel),
    cancelAllOrders: () =>
      gate.cancel(
        () => broker.cancelAllOrders(),
        () => true,
      ),
    orderById: (brokerOrderId) => read(() => broker.orderById(brokerOrderId)),
    orderByClientOrderId: (id) => read(() => broker.orderByClientOrderId(id)),
    openOrders: (use) => read(() => broker.openOrders(use), use),
    ordersSubmittedSince: (sinceMs) => read(() => broker.ordersSubmittedSince(sinceMs)),
    ordersSubmittedBefore: (untilMs) => read(() => broker.ordersSubmittedBefore(untilMs)),
    fillActivitiesSince: (sinceMs) => read(() => broker.fillActivitiesSince(sinceMs)),
    cashActivitiesSince: (sinceMs) => read(() => broker.cashActivitiesSince(sinceMs)),
    positions: (use) => read(() => broker.positions(use), use),
    account: () => read(() => broker.account()),
    clock: () => read(() => broker.clock()),
    calendar: (fromDate, toDate) => read(() => broker.calendar(fromDate, toDate)),
    asset: (symbol) => read(() => broker.asset(symbol)),
    openTradeUpdates: (listener) => broker.openTradeUpdates(listener),
    prepareSubmit: () => gate.prepareSubmit(),
    breakers: () => gate.view(),
  };
}

function isReadableCancel(outcome: CancelOutcome): boolean {
  return outcome.kind !== 'unknown';
}

/** A refusal and a 429 arrived, hence the transport works; unknown and unconnected did not. */
function isReadableSubmit(outcome: SubmitOutcome): boolean {
  if (outcome.kind === 'unknown') return false;
  return outcome.kind !== 'not_sent' || outcome.retryAfterMs !== null;
}

class RequestGate {
  readonly #options: GuardOptions;
  readonly #breakers: Record<RequestKind, Breaker> = {
    submit: closedBreaker(),
    cancel: closedBreaker(),
    read: closedBreaker(),
  };

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  async read<Answer>(ask: () => Promise<Answer>, use: ReadUse): Promise<Answer> {
    const now = this.#options.monotonicNowMs();
    const { breaker, decision } = admitCall(this.#breakers.read, now);
    const isForHalt = use === 'halt';
    if (!decision.ok && !isForHalt) throw circuitOpen('read', decision.retryAfterMs);
    this.#takeToken(isForHalt ? 'halt_read' : 'read');
    this.#replace('read', breaker);
    const ticket = decision.ok ? decision.ticket : ticketOf(breaker);
    const submitTicket = this.#admitSubmitTrial(now);
    return this.#count(ask, (succeeded) => {
      this.#record('read', ticket, succeeded);
      if (submitTicket !== null) this.#probe('submit', submitTicket, succeeded);
    });
  }

  async cancel<Answer>(
    ask: () => Promise<Answer>,
    isReadable: (answer: Answer) => boolean,
  ): Promise<Answer> {
    this.#takeToken('cancel');
    const { breaker, decision } = admitCall(this.#breakers.cancel, this.#options.monotonicNowMs());
    this.#replace('cancel', breaker);
    const ticket = decision.ok ? decision.ticket : ticketOf(breaker);
    const record = (succeeded: boolean): void => this.#record('cancel', ticket, succeeded);
    return this.#count(ask, record, isReadable);
  }

  async submit(ask: () => Promise<SubmitOutcome>): Promise<SubmitOutcome> {
    // Judged again: it may have opened since the token was taken.
    const circuit = this.#submitCircuit();
    if (!circuit.ok) {
      const { reason, retryAfterMs } = circuit;
      return { kind: 'not_sent', reason: `held back: ${reason}`, retryAfterMs };
    }
    const ticket = ticketOf(this.#breakers.submit);
    const record = (succeeded: boolean): void => this.#record('submit', ticket, succeeded);
    return this.#count(ask, record, isReadableSubmit);
  }

  prepareSubmit(): SubmitReadiness {
    const closed = this.#submitCircuit();
    if (!closed.ok) return closed;
    const token = this.#options.bucket.take('submit');
    if (!token.ok) return { ok: false, reason: 'rate_limited', retryAfterMs: token.retryAfterMs };
    return { ok: true };
  }

  view(): Readonly<Record<RequestKind, BreakerView>> {
    return {
      submit: this.#viewOf('submit'),
      cancel: this.#viewOf('cancel'),
      read: this.#viewOf('read'),
    };
  }

  #viewOf(kind: RequestKind): BreakerView {
    const now = this.#options.monotonicNowMs();
    const breaker = this.#breakers[kind];
    return {
      status: breakerStatus(breaker, now),
      retryAfterMs: breakerRetryAfterMs(breaker, now),
      counters: breaker.counters,
      outage: outageOf(breaker),
    };
  }

  #submitCircuit(): SubmitReadiness {
    const now = this.#options.monotonicNowMs();
    const breaker = this.#breakers.submit;
    if (breakerStatus(breaker, now) === 'closed') return { ok: true };
    const retryAfterMs = breakerRetryAfterMs(breaker, now);
    return { ok: false, reason: 'circuit_open', retryAfterMs };
  }

  /** A read tries the submit circuit as well, once that has been open long enough. */
  #admitSubmitTrial(now: number): number | null {
    const { breaker, decision } = admitCall(this.#breakers.submit, now);
    if (breaker.circuit.status !== 'half_open' || !decision.ok) return null;
    this.#replace('submit', breaker);
    return decision.ticket;
  }

  #takeToken(use: TokenUse): void {
    const token = this.#options.bucket.take(use);
    if (token.ok) return;
    const what = use.replace('_', ' ');
    throw new BrokerRateLimited(
      `expected a free request of this minute for a ${what}, found none: wait and ask again`,
      token.retryAfterMs,
    );
  }

  /** Whatever a call ends with, its outcome is recorded: a trial never stays open. */
  async #count<Answer>(
    ask: () => Promise<Answer>,
    record: (succeeded: boolean) => void,
    isReadable: (answer: Answer) => boolean = () => true,
  ): Promise<Answer> {
    let succeeded = false;
    try {
      const answer = await ask();
      succeeded = isReadable(answer);
      return answer;
    } catch (error) {
      succeeded = error instanceof BrokerRateLimited || error instanceof BrokerAuthRefused;
      throw error;
    } finally {
      record(succeeded);
    }
  }

  #record(kind: RequestKind, ticket: number, succeeded: boolean): void {
    const nowMs = this.#options.monotonicNowMs();
    this.#replace(kind, recordCall(this.#breakers[kind], { ticket, succeeded, nowMs }));
  }

  #probe(kind: RequestKind, ticket: number, succeeded: boolean): void {
    const nowMs = this.#options.monotonicNowMs();
    this.#replace(kind, recordProbe(this.#breakers[kind], { ticket, succeeded, nowMs }));
  }

  #replace(kind: RequestKind, breaker: Breaker): void {
    const from = this.#breakers[kind].circuit.status;
    const to = breaker.circuit.status;
    this.#breakers[kind] = breaker;
    if (from === to) return;
    this.#options.onBreakerChange({ kind, from, to, counters: breaker.counters });
  }
}

function circuitOpen(kind: RequestKind, retryAfterMs: number): BrokerCircuitOpen {
  return new BrokerCircuitOpen(
    `expected a working connection for a ${kind}, found an open circuit: it is tried again`,
    retryAfterMs,
  );
}
