import type { OrderRow } from '../../../adapters/store/port.js';
import { CLOSED_STATES } from '../../../domain/order/order-state.js';
import { isStateOf } from '../../checker/check-orders.js';
import { type BrokerOrder, isOpenAtBroker } from '../../checker/journal.js';
import { isNeverMissed } from '../scenario/mischief.js';
import type { WireWatch } from '../exchange/simulated-broker.js';
import { AbsenceProof } from './absence-proof.js';
import { checkRunning } from './check-running.js';
import { HaltRules, type HaltRulesParts } from './halt-rules.js';
import { OrderEnds } from './order-ends.js';
import { ReduceOnly } from './reduce-only.js';
import { WishRules } from './wish-rules.js';

const FULL_CHECK_COMMITS = 50;
const LISTED_MAX = 10_000;
const OF_MONEY: readonly string[] = ['cash_mismatch', 'price_mismatch'];

interface Seen {
  readonly row: OrderRow;
  readonly state: string;
  readonly version: number;
  readonly filled: number;
  /** What its fills have brought in, fees aside. */
  readonly proceeds: bigint;
  readonly attempts: number;
}

export type ObserverParts = HaltRulesParts;

/** How often a halt was called complete, of these judged by the exchange; sends in reduce-only. */
export interface HaltFigures {
  readonly complete: number;
  readonly judged: number;
  readonly reduceOnlySends: number;
}

/**
 * Looks at the books after each commit, and at each request as it leaves and as it arrives. Cheap
 * invariants each time, those that need the whole books every fifty commits.
 */
export class Observer implements WireWatch {
  readonly violations: string[] = [];
  readonly wishes = new WishRules();
  readonly #onSendBegun: (() => void)[] = [];
  readonly #parts: ObserverParts;
  readonly #proof = new AbsenceProof();
  readonly #ends: OrderEnds;
  readonly #halts: HaltRules;
  readonly #reduceOnly: ReduceOnly;
  readonly #seen = new Map<string, Seen>();
  readonly #received = new Map<string, number>();
  /** Orders of which the exchange has told something. */
  readonly #told = new Set<string>();
  #commits = 0;
  /** Of all orders. */
  #proceeds = 0n;
  #undelivered = 0;
  #lastRunId: string | null = null;
  #lastCleanAtMs = Number.NEGATIVE_INFINITY;
  #systemState = 'uninitialized';
  #isStreamLive = false;
  /** The latest that the wall clock has shown at a commit or a request. */
  #wallMs = 0;
  #lastSendEpoch = 0;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    this.#ends = new OrderEnds(parts.journal, this.#proof);
    this.#halts = new HaltRules(parts);
    this.#reduceOnly = new ReduceOnly(parts);
  }

  get commits(): number {
    return this.#commits;
  }

  get systemState(): string {
    return this.#systemState;
  }

  /** Whether the books say that new orders are taken. */
  get isTrading(): boolean {
    return this.#systemState === 'running' && this.#isStreamLive && this.#halts.mode !== 'halted';
  }

  get orderCount(): number {
    return this.#seen.size;
  }

  /** How often the rules of halts had something to judge. */
  get haltFigures(): HaltFigures {
    const { called, judged } = this.#halts.completions;
    return { complete: called, judged, reduceOnlySends: this.#reduceOnly.judged };
  }

  /** A halt with this message was asked for, and there was somebody to take it. */
  haltTaken(message: string): void {
    this.#halts.taken(message);
  }

  stateOf(clientOrderId: string): string {
    return this.#seen.get(clientOrderId)?.state ?? 'none';
  }

  /** The wall clock is not stepped any more: only what is compared from here on counts. */
  forgetComparisons(): void {
    this.#lastCleanAtMs = Number.NEGATIVE_INFINITY;
  }

  /** What is still to be found out, told or compared; empty: the books have come to rest. */
  unsettled(sinceMs: number): readonly string[] {
    const open = [...this.#seen].flatMap(([id, { state }]) =>
      state === 'created' || state === 'submitting' || state === 'unknown'
        ? [`${id} ${state}`]
        : [],
    );
    const apart = [...this.#parts.journal.orders.values()].flatMap((order) => this.#apart(order));
    return [
      ...open,
      ...apart,
      ...this.#halts.pending,
      ...(this.#undelivered > 0 ? ['messages in the outbox'] : []),
      ...(this.#lastCleanAtMs > sinceMs ? [] : ['no clean reconciliation yet']),
    ];
  }

  /** How the books differ from what the broker has of an order. */
  #apart(order: BrokerOrder): readonly string[] {
    const { clientOrderId, status, quantityNanos } = order;
    if (isNeverMissed(order)) return [];
    const seen = this.#seen.get(clientOrderId);
    const state = seen?.state ?? 'none';
    const name = `${clientOrderId} is ${state}`;
    if (!isStateOf(order, state)) return [`${name}, the broker has it ${status}`];
    const ordered = BigInt(seen?.row.order.orderedQuantity ?? 0);
    const isOther = isOpenAtBroker(order) && quantityNanos !== ordered;
    return isOther ? [`${name} with ${ordered}, the broker has ${quantityNanos}`] : [];
  }

  /** The states that orders are in. */
  get states(): ReadonlySet<string> {
    return new Set([...this.#seen.values()].map(({ state }) => state));
  }

  /** How many orders are in each state. */
  get stateCounts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { state } of this.#seen.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  isClosed(clientOrderId: string): boolean {
    const closed: readonly string[] = CLOSED_STATES;
    return closed.includes(this.stateOf(clientOrderId));
  }

  /** The exchange has told something of an order. */
  orderTold(order: { readonly id: string; readonly clientOrderId: string }): void {
    this.#halts.told(order);
    if (this.#told.has(order.id)) return;
    this.#told.add(order.id);
    const row = this.#seen.get(order.clientOrderId)?.row;
    const shown = this.#parts.journal.orders.get(order.id);
    if (row === undefined || shown === undefined) return;
    for (const line of this.wishes.orderFaults(shown, row)) this.violate(line);
  }

  /** Calls inside each commit that begins a send, before anybody knows of it. */
  onSendBegun(call: () => void): void {
    this.#onSendBegun.push(call);
  }

  violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  /** Called inside the event of each commit, before anybody is told of it. */
  async afterCommit(): Promise<void> {
    this.#commits += 1;
    this.#lookAtClock();
    const { reader } = this.#parts;
    const rows = await reader.orders.recent(LISTED_MAX);
    const stream = await reader.streamState.get();
    const liveEpoch = stream?.status === 'live' ? stream.bootEpoch : null;
    this.#isStreamLive = liveEpoch !== null;
    this.#proof.streamIs(liveEpoch, this.#parts.nowMs());
    const sends = rows.filter((row) => this.#note(row));
    await this.#checkAccount();
    const raising = await this.#reduceOnly.commitFaults(this.#halts.mode, sends, rows);
    for (const line of raising) this.violate(line);
    if (sends.length > 0) await this.#checkGate(sends);
    for (const call of sends.length > 0 ? this.#onSendBegun : []) call();
    if (rows.length !== this.#seen.size) this.violate('I6: an order has gone from the books');
    this.#undelivered = (await reader.outbox.undelivered(1)).length;
    this.#systemState = (await reader.systemState.get())?.state ?? this.#systemState;
    const [last] = await reader.reconciliation.recentRuns(1);
    if (last !== undefined && last.runId !== this.#lastRunId) {
      this.#lastRunId = last.runId;
      const isFinding =
        last.outcome === 'discrepancies' && (await this.#isOfCorrection(last.runId));
      // Clocks are set, and a process has one of its own: only what it took is told by it.
      const tookMs = Math.max(0, last.finishedAtWallMs - last.startedAtWallMs);
      if (last.outcome === 'clean' || isFinding) this.#lastCleanAtMs = this.#parts.nowMs() - tookMs;
    }
    if (this.#commits % FULL_CHECK_COMMITS === 0) await this.checkWhole();
  }

  /** Whether nothing but money differs, by a price that the venue corrected and nobody told. */
  async #isOfCorrection(runId: string): Promise<boolean> {
    const found = await this.#parts.reader.reconciliation.discrepanciesOf(runId);
    const isOfMoney = found.every(({ kind }) => OF_MONEY.includes(kind));
    return isOfMoney && (await this.#hasUntoldCorrection());
  }

  /** Whether the venue has corrected a price and no frame has brought it: cash differs for good. */
  async #hasUntoldCorrection(): Promise<boolean> {
    const { reader, journal } = this.#parts;
    for (const { kind, eventId } of journal.changes) {
      if (kind === 'trade_correct' && (await reader.brokerEvents.byId(eventId)) === null)
        return true;
    }
    return false;
  }

  async checkWhole(): Promise<void> {
    const { reader, journal } = this.#parts;
    if ((await reader.account()) === null) return;
    for (const line of await checkRunning(reader, journal)) this.violate(line);
  }

  sendBegins(clientOrderId: string, epoch: number): number {
    const seen = this.#seen.get(clientOrderId);
    if (seen === undefined || seen.attempts === 0) {
      this.violate(`I1: ${clientOrderId} is sent, and no send of it is in the books`);
    }
    for (const line of this.#halts.sendFaults(clientOrderId)) this.violate(line);
    for (const line of this.#reduceOnly.sendFaults(clientOrderId)) this.violate(line);
    for (const line of this.wishes.sendFaults(clientOrderId)) this.violate(line);
    if (epoch < this.#lastSendEpoch) this.violate(`I13: epoch ${epoch} sends after a later one`);
    this.#lastSendEpoch = Math.max(epoch, this.#lastSendEpoch);
    return this.#proof.sendBegan(clientOrderId, this.#parts.nowMs());
  }

  sendMadeNothing(clientOrderId: string, send: number): void {
    this.#proof.sendMadeNothing(clientOrderId, send);
  }

  lookupMissed(clientOrderId: string): void {
    this.#proof.lookupMissed(clientOrderId, this.#parts.nowMs());
  }

  listed(clientOrderIds: ReadonlySet<string>): void {
    this.#proof.listed(clientOrderIds, this.#parts.nowMs());
  }

  received(submission: { readonly clientOrderId: string; readonly bootEpoch: number }): void {
    const { clientOrderId } = submission;
    const count = (this.#received.get(clientOrderId) ?? 0) + 1;
    this.#received.set(clientOrderId, count);
    const attempts = this.#seen.get(clientOrderId)?.attempts ?? 0;
    if (count > attempts) {
      this.violate(`I1: request ${count} for ${clientOrderId}, the books know of ${attempts}`);
    }
    // A stepped clock must not put a request before its send.
    this.#lookAtClock();
    const receivedWallMs = this.#wallMs;
    this.#parts.journal.submissions.push({ ...submission, receivedWallMs, status: null });
  }

  #lookAtClock(): void {
    this.#wallMs = Math.max(this.#wallMs, this.#parts.wallMs());
  }

  /** True: a send of the order has begun with this commit. */
  #note(row: OrderRow): boolean {
    const { order } = row;
    const id = order.intent.clientOrderId;
    const before = this.#seen.get(id);
    if (before?.row === row) return false;
    const { version, attempts, filledQuantity: filled } = order;
    const notional = BigInt(order.filledNotional);
    const proceeds = order.intent.side === 'buy' ? -notional : notional;
    this.#proceeds += proceeds - (before?.proceeds ?? 0n);
    if (before !== undefined && version < before.version) {
      this.violate(`I6: order ${id} went from version ${before.version} to ${version}`);
    }
    const isTakenBack = this.#parts.journal.hasBusted(id);
    if (before !== undefined && filled < before.filled && !isTakenBack) {
      this.violate(`I6: order ${id} was filled ${before.filled}, and is ${filled} now`);
    }
    const hasNewAttempt = attempts > (before?.attempts ?? 0);
    this.#seen.set(id, {
      row,
      proceeds,
      state: order.progress.state,
      version,
      filled,
      attempts,
    });
    if (before?.state !== order.progress.state) this.#checkEnd(row);
    return hasNewAttempt;
  }

  #checkEnd(row: OrderRow): void {
    const stateOf = (clientOrderId: string): string => this.stateOf(clientOrderId);
    for (const line of this.#ends.faultsOf(row, stateOf, this.#parts.nowMs())) this.violate(line);
  }

  /** A send begins only while the system runs and the stream is live, both in one epoch. */
  async #checkGate(sends: readonly OrderRow[]): Promise<void> {
    const { reader } = this.#parts;
    const [system, stream] = [await reader.systemState.get(), await reader.streamState.get()];
    const isLive = stream?.status === 'live' && stream.bootEpoch === system?.bootEpoch;
    const isUp = system?.state === 'running' || system?.state === 'halted';
    const named = sends.map(({ order }) => order.intent.clientOrderId).join(', ');
    if (!isLive) this.violate(`I8: the send of ${named} began while the stream was not live`);
    if (!isUp) this.violate(`I8: the send of ${named} began while the system was not up`);
  }

  async #checkAccount(): Promise<void> {
    const { reader } = this.#parts;
    const account = await reader.account();
    if (account === null) return;
    const halts = await this.#halts.commitFaults(account.haltMode, () => this.states);
    for (const line of halts) this.violate(line);
    const cash = BigInt(account.openingCash) - BigInt(account.fees) + this.#proceeds;
    if (cash !== BigInt(account.cash)) {
      this.violate(
        `I5: cash ${account.cash} after commit ${this.#commits}, the fills make ${cash}`,
      );
    }
    const reservations = await reader.reservations.all();
    const reserved = reservations.reduce((total, { amount }) => total + BigInt(amount), 0n);
    if (reserved !== BigInt(account.reserved)) {
      this.violate(`I9: ${account.reserved} is reserved, the rows add up to ${reserved}`);
    }
  }
}
