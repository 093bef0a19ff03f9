import { describe, expect, it } from 'vitest';
import {
  BrokerAuthRefused,
  BrokerCircuitOpen,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../adapters/broker/errors.js';
import {
  type BreakerChange,
  guardBroker,
  type GuardedBroker,
} from '../../adapters/broker/guarded-broker.js';
import type {
  Broker,
  CancelOutcome,
  OrderRequest,
  SubmitOutcome,
} from '../../adapters/broker/port.js';
import { createTokenBucket } from '../../adapters/broker/rate-limit.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { wholeUnits } from '../../domain/values/index.js';

const REQUEST: OrderRequest = {
  clientOrderId: 'guard-1',
  symbol: 'SPY',
  side: 'buy',
  quantity: wholeUnits(1),
  type: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};
const UNKNOWN: SubmitOutcome = { kind: 'unknown', reason: 'reset', raw: null };
const REFUSED: SubmitOutcome = {
  kind: 'refused',
  code: 'wash_trade',
  message: 'no',
  duplicate: false,
  raw: '{}',
};

/** A broker that answers what the test sets, and counts what reaches it. */
class ScriptedBroker implements Broker {
  submitAnswer: SubmitOutcome = REFUSED;
  cancelAnswer: CancelOutcome = { kind: 'requested' };
  readFailure: Error | null = null;
  readonly seen = { submits: 0, cancels: 0, reads: 0 };

  async submitOrder() {
    this.seen.submits += 1;
    return this.submitAnswer;
  }
  replaceOrder = () => this.submitOrder();
  async cancelOrder() {
    this.seen.cancels += 1;
    return this.cancelAnswer;
  }
  async cancelAllOrders() {
    this.seen.cancels += 1;
    return { requested: 0, failedBrokerOrderIds: [] };
  }
  orderById = () => this.#read(null);
  orderByClientOrderId = () => this.#read(null);
  openOrders = () => this.#read([]);
  ordersSubmittedSince = () => this.#read([]);
  ordersSubmittedBefore = () => this.#read([]);
  fillActivitiesSince = () => this.#read([]);
  cashActivitiesSince = () => this.#read([]);
  positions = () => this.#read([]);
  account = () => this.#neverAsked();
  clock = () => this.#neverAsked();
  calendar = () => this.#read([]);
  asset = () => this.#read(null);
  openTradeUpdates = () => this.#neverAsked();

  async #read<Answer>(answer: Answer): Promise<Answer> {
    this.seen.reads += 1;
    if (this.readFailure !== null) throw this.readFailure;
    return answer;
  }
  #neverAsked(): Promise<never> {
    throw new Error('expected that no test asks for this');
  }
}

function guarded(requestsPerMinute = 1_000): {
  readonly broker: ScriptedBroker;
  readonly guard: GuardedBroker;
  readonly time: { nowMs: number };
  readonly changes: string[];
} {
  const time = { nowMs: 0 };
  const changes: string[] = [];
  const broker = new ScriptedBroker();
  const nowMs = () => time.nowMs;
  const guard = guardBroker(broker, {
    bucket: createTokenBucket({ requestsPerMinute, reservedForCancels: 2, nowMs }),
    monotonicNowMs: nowMs,
    onBreakerChange: ({ kind, from, to }: BreakerChange) => changes.push(`${kind} ${from} ${to}`),
  });
  return { broker, guard, time, changes };
}

async function failReads(guard: GuardedBroker, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await expect(guard.positions()).rejects.toBeInstanceOf(Error);
  }
}

async function openSubmitCircuit(broker: ScriptedBroker, guard: GuardedBroker): Promise<void> {
  broker.submitAnswer = UNKNOWN;
  for (let index = 0; index < 5; index += 1) await guard.submitOrder(REQUEST);
  expect(guard.breakers().submit.status).toBe('open');
}

describe('guarded reads', () => {
  it('five transport failures → fails fast with the wait, nothing is sent', async () => {
    const { broker, guard, changes } = guarded();
    broker.readFailure = new BrokerUnavailable('gone');
    await failReads(guard, 5);
    const failure: unknown = await guard.positions().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BrokerCircuitOpen);
    expect(failure).toMatchObject({ retryAfterMs: 30_000 });
    expect(broker.seen.reads).toBe(5);
    expect(changes).toEqual(['read closed open']);
  });

  it.each([
    { what: 'a 429', failure: new BrokerRateLimited('slow', 1) },
    { what: 'refused keys', failure: new BrokerAuthRefused('no') },
  ])('$what → the transport works, the circuit stays closed', async ({ failure }) => {
    const { broker, guard } = guarded();
    broker.readFailure = failure;
    await failReads(guard, 10);
    expect(guard.breakers().read).toMatchObject({ status: 'closed' });
    expect(broker.seen.reads).toBe(10);
  });

  it('30 s later and three good answers → closed', async () => {
    const { broker, guard, time, changes } = guarded();
    broker.readFailure = new BrokerUnavailable('gone');
    await failReads(guard, 5);
    broker.readFailure = null;
    time.nowMs = 30_000;
    for (let index = 0; index < 3; index += 1) await guard.positions();
    expect(guard.breakers().read.status).toBe('closed');
    expect(changes).toEqual(['read closed open', 'read open half_open', 'read half_open closed']);
  });

  it('the budget is used up → BrokerRateLimited, cancels still pass', async () => {
    const { broker, guard } = guarded(5);
    for (let index = 0; index < 3; index += 1) await guard.positions();
    await expect(guard.positions()).rejects.toBeInstanceOf(BrokerRateLimited);
    expect(broker.seen.reads).toBe(3);
    expect(await guard.cancelOrder('x')).toEqual({ kind: 'requested' });
  });

  it('the budget is used up → what a halt waits for is read, on the reserve', async () => {
    const { broker, guard } = guarded(5);
    for (let index = 0; index < 3; index += 1) await guard.positions();
    await expect(guard.openOrders('halt')).resolves.toEqual([]);
    await expect(guard.positions('halt')).rejects.toBeInstanceOf(BrokerRateLimited);
    expect(broker.seen.reads).toBe(4);
    expect(await guard.cancelOrder('x')).toEqual({ kind: 'requested' });
  });

  it('an open circuit → what a halt waits for is asked all the same', async () => {
    const { broker, guard } = guarded();
    broker.readFailure = new BrokerUnavailable('gone');
    await failReads(guard, 5);
    broker.readFailure = null;
    await expect(guard.positions()).rejects.toBeInstanceOf(BrokerCircuitOpen);
    await expect(guard.positions('halt')).resolves.toEqual([]);
    expect(guard.breakers().read.status).toBe('open');
  });

  it('a trial that our own budget holds back → leaves its trial to another', async () => {
    const { broker, guard, time } = guarded(8);
    broker.readFailure = new BrokerUnavailable('gone');
    await failReads(guard, 5);
    broker.readFailure = null;
    time.nowMs = 30_000;
    await guard.positions();
    for (let index = 0; index < 3; index += 1) {
      await expect(guard.positions()).rejects.toBeInstanceOf(BrokerRateLimited);
    }
    time.nowMs = 60_000;
    await guard.positions();
    await guard.positions();
    expect(guard.breakers().read.status).toBe('closed');
  });
});

describe('guarded orders', () => {
  it('refusals → successes of transport', async () => {
    const { broker, guard } = guarded();
    for (let index = 0; index < 10; index += 1) {
      expect(await guard.submitOrder(REQUEST)).toEqual(REFUSED);
    }
    expect(broker.seen.submits).toBe(10);
    expect(guard.breakers().submit.counters).toMatchObject({ successfulCalls: 10 });
  });

  it.each([
    { what: 'unknown outcomes', answer: UNKNOWN, status: 'open' },
    {
      what: 'no connection',
      answer: { kind: 'not_sent', reason: 'refused', retryAfterMs: null },
      status: 'open',
    },
    {
      what: '429 answers',
      answer: { kind: 'not_sent', reason: 'limit', retryAfterMs: 9 },
      status: 'closed',
    },
  ] as const)('five times $what → $status', async ({ answer, status }) => {
    const { broker, guard } = guarded();
    broker.submitAnswer = answer;
    for (let index = 0; index < 5; index += 1) await guard.submitOrder(REQUEST);
    expect(guard.breakers().submit.status).toBe(status);
  });

  it('open → not sent with the wait; preparing says the same; nothing is sent', async () => {
    const { broker, guard } = guarded();
    await openSubmitCircuit(broker, guard);
    expect(guard.prepareSubmit()).toEqual({
      ok: false,
      reason: 'circuit_open',
      retryAfterMs: 30_000,
    });
    expect(await guard.submitOrder(REQUEST)).toMatchObject({
      kind: 'not_sent',
      retryAfterMs: 30_000,
    });
    expect(broker.seen.submits).toBe(5);
  });

  it('half open → reads try it, orders wait until it is closed', async () => {
    const { broker, guard, time } = guarded();
    await openSubmitCircuit(broker, guard);
    await guard.positions();
    expect(guard.breakers().submit.status).toBe('open');
    time.nowMs = 30_000;
    await guard.positions();
    await guard.positions();
    expect(guard.breakers().submit.status).toBe('half_open');
    expect(await guard.submitOrder(REQUEST)).toMatchObject({ kind: 'not_sent' });
    await guard.positions();
    expect(guard.breakers().submit.status).toBe('closed');
    expect(guard.breakers().submit.outage).toEqual({ fromMs: 0, throughMs: 0 });
    broker.submitAnswer = REFUSED;
    expect(await guard.submitOrder(REQUEST)).toEqual(REFUSED);
    expect(guard.breakers().submit.outage).toBeNull();
    expect(guard.breakers().submit.counters.totalCalls).toBe(6);
  });

  it('half open and a read fails → open again', async () => {
    const { broker, guard, time } = guarded();
    await openSubmitCircuit(broker, guard);
    time.nowMs = 30_000;
    broker.readFailure = new BrokerUnavailable('gone');
    await failReads(guard, 1);
    expect(guard.breakers().submit).toMatchObject({ status: 'open', retryAfterMs: 30_000 });
    expect(guard.breakers().read.status).toBe('closed');
  });

  it('prepared → one token for preparing and sending together', async () => {
    const { guard } = guarded(4);
    expect(guard.prepareSubmit()).toEqual({ ok: true });
    expect(await guard.submitOrder(REQUEST)).toEqual(REFUSED);
    expect(guard.prepareSubmit()).toEqual({ ok: true });
    expect(guard.prepareSubmit()).toMatchObject({ ok: false, reason: 'rate_limited' });
  });

  it('prepared, and the circuit opens before the send → not sent', async () => {
    const { broker, guard } = guarded();
    expect(guard.prepareSubmit()).toEqual({ ok: true });
    await openSubmitCircuit(broker, guard);
    expect(await guard.submitOrder(REQUEST)).toMatchObject({ kind: 'not_sent' });
    expect(broker.seen.submits).toBe(5);
  });
});

describe('guarded cancels', () => {
  it('however often they fail → never held back', async () => {
    const { broker, guard } = guarded();
    broker.cancelAnswer = { kind: 'unknown', reason: 'reset' };
    for (let index = 0; index < 20; index += 1) await guard.cancelOrder('x');
    expect(guard.breakers().cancel.status).toBe('open');
    await guard.cancelAllOrders();
    expect(broker.seen.cancels).toBe(21);
  });

  it('30 s later and three good ones → closed', async () => {
    const { broker, guard, time } = guarded();
    broker.cancelAnswer = { kind: 'unknown', reason: 'reset' };
    for (let index = 0; index < 5; index += 1) await guard.cancelOrder('x');
    broker.cancelAnswer = { kind: 'not_found' };
    time.nowMs = 30_000;
    for (let index = 0; index < 3; index += 1) await guard.cancelOrder('x');
    expect(guard.breakers().cancel.status).toBe('closed');
  });
});
