import { isOpenAtBroker } from '../../checker/journal.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import { isForeignOrder } from '../scenario/mischief.js';
import { HaltDeadlines, type HaltDeadlinesParts } from './halt-deadlines.js';

export interface HaltRulesParts extends HaltDeadlinesParts {
  readonly journal: ExchangeJournal;
  readonly isKillFileEngaged: () => boolean;
  /** Reads show the account as it is; where they lag, no list proves anything. */
  readonly areReadsTrue: () => boolean;
}

/** A list of the broker is at most as old when its answer comes, and then something is written. */
const LIST_AGE_MS_MAX = 12_000;

/** States of orders that a halt must wait for: nobody knows yet what they will do. */
const UNPROVEN: readonly string[] = ['submitting', 'unknown', 'pending_replace'];

/**
 * I7 at every commit and every send: once a halt is committed, or its file is there, nothing starts
 * to be sent, whenever its attempt began; no halt is called complete while an order is unproven or
 * something that can raise exposure is open at the exchange; and each is complete, or a person is
 * told, in time.
 */
export class HaltRules {
  readonly #parts: HaltRulesParts;
  readonly #complete = new Set<string>();
  readonly #deadlines: HaltDeadlines;
  /** When somebody else's orders came: none that lists have seen can forbid the next one. */
  readonly #foreignSinceMs = new Map<string, number>();
  #isHalted = false;
  /** Whether an open halt wants orders canceled. */
  #isCanceling = false;

  constructor(parts: HaltRulesParts) {
    this.#parts = parts;
    this.#deadlines = new HaltDeadlines(parts);
  }

  /** What is left to be done about halts: also what has come since one was complete. */
  get pending(): readonly string[] {
    const isWatched = this.#isHalted && this.#isCanceling && this.#parts.areReadsTrue();
    const raisers = isWatched ? this.#raisers() : [];
    return [
      ...this.#deadlines.pending.map((id) => `the halt ${id} is neither complete nor told of`),
      ...raisers.map((what) => `${what} can raise exposure under a halt`),
    ];
  }

  get isHalted(): boolean {
    return this.#isHalted;
  }

  /** The exchange has told something of an order. */
  told(order: { readonly id: string; readonly clientOrderId: string }): void {
    if (!isForeignOrder(order) || this.#foreignSinceMs.has(order.id)) return;
    this.#foreignSinceMs.set(order.id, this.#parts.nowMs());
  }

  /** What is wrong with a send that begins now. */
  sendFaults(clientOrderId: string): readonly string[] {
    return [
      ...(this.#parts.isKillFileEngaged()
        ? [`I7: ${clientOrderId} is sent while the kill file is there`]
        : []),
      ...(this.#isHalted ? [`I7: ${clientOrderId} is sent after a halt was committed`] : []),
    ];
  }

  /** What is wrong with what this commit says of the halts. */
  async commitFaults(
    haltMode: string,
    statesNow: () => ReadonlySet<string>,
  ): Promise<readonly string[]> {
    this.#isHalted = haltMode === 'halted';
    if (!this.#isHalted) return this.#deadlines.faultsOf([]);
    const causes = await this.#parts.reader.halts.openCauses();
    const halting = causes.filter(({ mode }) => mode === 'halted');
    this.#isCanceling = halting.some(({ cancelPolicy }) => cancelPolicy !== 'none');
    const late = await this.#deadlines.faultsOf(halting);
    const news = halting.filter(
      ({ causeId, completedAtWallMs }) =>
        completedAtWallMs !== null && !this.#complete.has(causeId),
    );
    for (const { causeId } of news) this.#complete.add(causeId);
    if (news.length === 0) return late;
    return [...late, ...this.#completionFaults(statesNow())];
  }

  #completionFaults(states: ReadonlySet<string>): readonly string[] {
    const unproven = UNPROVEN.filter((state) => states.has(state));
    const raisers = this.#isCanceling && this.#parts.areReadsTrue() ? this.#raisers() : [];
    return [
      ...unproven.map((state) => `I7: a halt is complete while an order is ${state}`),
      ...raisers.map((what) => `I7: a halt is complete while ${what} can raise exposure`),
    ];
  }

  #isNews(orderId: string): boolean {
    const sinceMs = this.#foreignSinceMs.get(orderId) ?? Number.NEGATIVE_INFINITY;
    return this.#parts.nowMs() - sinceMs < LIST_AGE_MS_MAX;
  }

  /** Symbols and sides of which more is open at the exchange than is held to reduce. */
  #raisers(): readonly string[] {
    const { orders, executions } = this.#parts.journal;
    const open = new Map<string, bigint>();
    for (const order of orders.values()) {
      if (!isOpenAtBroker(order) || order.status === 'held' || this.#isNews(order.id)) continue;
      const name = `${order.side} ${order.symbol}`;
      const left = (order.quantityNanos ?? 0n) - order.filledNanos;
      open.set(name, (open.get(name) ?? 0n) + left);
    }
    for (const { side, symbol, quantityNanos } of executions) {
      const other = `${side === 'buy' ? 'sell' : 'buy'} ${symbol}`;
      const own = `${side} ${symbol}`;
      if (open.has(other)) open.set(other, (open.get(other) ?? 0n) - quantityNanos);
      if (open.has(own)) open.set(own, (open.get(own) ?? 0n) + quantityNanos);
    }
    return [...open].flatMap(([name, units]) => (units > 0n ? [name] : []));
  }
}
