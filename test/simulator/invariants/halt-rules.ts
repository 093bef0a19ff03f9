import type { HaltCauseRow } from '../../../adapters/store/port.js';
import { isOpenAtBroker } from '../../checker/journal.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import { isForeignOrder } from '../scenario/mischief.js';
import { HaltDeadlines, type HaltDeadlinesParts } from './halt-deadlines.js';
import { TakenHalts } from './taken-halts.js';

export type HaltMode = 'none' | 'reduce_only' | 'halted';

export interface HaltRulesParts extends HaltDeadlinesParts {
  readonly journal: ExchangeJournal;
  readonly isKillFileEngaged: () => boolean;
  /** When a halt was last shown the account as it had been: a look from then proves nothing. */
  readonly staleToldAtMs: () => number;
}

/** A list of the broker is at most as old when its answer comes, and then something is written. */
const LIST_AGE_MS_MAX = 12_000;
/** The orders are listed before the positions: what both prove was asked no longer ago. */
const LOOK_MS_MAX = 2 * LIST_AGE_MS_MAX;

/** States of orders that a halt must wait for: nobody knows yet what they will do. */
const UNPROVEN: readonly string[] = ['submitting', 'unknown', 'pending_replace'];

/** How often a halt was called complete, and how often what was open at the exchange was judged. */
export interface Completions {
  readonly called: number;
  readonly judged: number;
}

/**
 * I7 at every commit and every send: once a halt is committed, or its file is there, nothing starts
 * to be sent, whenever its attempt began; no halt is called complete while an order is unproven or
 * something that can raise exposure is open at the exchange; each is complete, or a person is told,
 * in time; and each that was taken comes into force. What is in force is made of the open causes:
 * the mode of the account, which the product obeys, is judged by it.
 */
export class HaltRules {
  readonly #parts: HaltRulesParts;
  readonly #complete = new Set<string>();
  readonly #deadlines: HaltDeadlines;
  readonly #taken: TakenHalts;
  /** When somebody else's orders came: none that lists have seen can forbid the next one. */
  readonly #foreignSinceMs = new Map<string, number>();
  #mode: HaltMode = 'none';
  /** Whether an open halt wants orders canceled. */
  #isCanceling = false;
  #completions: Completions = { called: 0, judged: 0 };

  constructor(parts: HaltRulesParts) {
    this.#parts = parts;
    this.#deadlines = new HaltDeadlines(parts);
    this.#taken = new TakenHalts(parts);
  }

  /** What is left to be done about halts: also what has come since one was complete. */
  get pending(): readonly string[] {
    const raisers = this.#isCanceling ? this.#raisers() : [];
    return [
      ...this.#taken.pending.map((message) => `the halt "${message}" is not in force`),
      ...this.#deadlines.pending.map((id) => `the halt ${id} is neither complete nor told of`),
      ...raisers.map((what) => `${what} can raise exposure under a halt`),
    ];
  }

  /** What is in force since the last commit. */
  get mode(): HaltMode {
    return this.#mode;
  }

  get completions(): Completions {
    return this.#completions;
  }

  /** A halt with this message was asked for, and there was somebody to take it. */
  taken(message: string): void {
    this.#taken.taken(message);
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
      ...(this.#mode === 'halted'
        ? [`I7: ${clientOrderId} is sent after a halt was committed`]
        : []),
    ];
  }

  /** What is wrong with what this commit says of the halts. */
  async commitFaults(
    haltMode: string,
    statesNow: () => ReadonlySet<string>,
  ): Promise<readonly string[]> {
    const causes = await this.#parts.reader.halts.openCauses();
    this.#mode = modeOf(causes);
    const halting = causes.filter(({ mode }) => mode === 'halted');
    this.#isCanceling = halting.some(isCanceling);
    const news = halting.filter(
      ({ causeId, completedAtWallMs }) =>
        completedAtWallMs !== null && !this.#complete.has(causeId),
    );
    for (const { causeId } of news) this.#complete.add(causeId);
    return [
      ...(haltMode === this.#mode
        ? []
        : [`I7: the account is in mode ${haltMode}, its open causes make ${this.#mode}`]),
      ...this.#taken.faultsOf(causes),
      ...(await this.#deadlines.faultsOf(halting)),
      ...(news.length === 0 ? [] : this.#completionFaults(news, statesNow())),
    ];
  }

  #completionFaults(news: readonly HaltCauseRow[], states: ReadonlySet<string>): readonly string[] {
    const unproven = UNPROVEN.filter((state) => states.has(state));
    return [
      ...unproven.map((state) => `I7: a halt is complete while an order is ${state}`),
      ...(news.some(isCanceling) ? this.#openFaults() : []),
    ];
  }

  /** What is open although a halt that wants it gone is complete: if its lists could show it. */
  #openFaults(): readonly string[] {
    const { called, judged } = this.#completions;
    const { nowMs, staleToldAtMs } = this.#parts;
    const isProven = nowMs() - staleToldAtMs() > LOOK_MS_MAX;
    this.#completions = { called: called + 1, judged: judged + (isProven ? 1 : 0) };
    const raisers = isProven ? this.#raisers() : [];
    return raisers.map((what) => `I7: a halt is complete while ${what} can raise exposure`);
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

/** The strictest mode of the causes; not asked of the product, which may have it wrong. */
function modeOf(causes: readonly HaltCauseRow[]): HaltMode {
  if (causes.some(({ mode }) => mode === 'halted')) return 'halted';
  return causes.length > 0 ? 'reduce_only' : 'none';
}

function isCanceling({ cancelPolicy }: HaltCauseRow): boolean {
  return cancelPolicy !== 'none';
}
