import type { SeedResult } from '../run-seed.js';

/** What many runs came to. */
export interface Tally {
  readonly seeds: number;
  readonly failedSeeds: readonly number[];
  readonly violations: number;
  readonly orders: number;
  readonly fills: number;
  readonly commits: number;
  readonly events: number;
  readonly replays: number;
  readonly deaths: number;
  /** The fewest orders of any run. */
  readonly ordersLeast: number;
  readonly halts: SeedResult['halts'];
  /** Orders by the state that they were left in. */
  readonly states: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Fault, state of an order that it met, in how many runs. */
  readonly coverage: readonly (readonly [string, string, number])[];
}

/** Adds runs up as they come. */
export class Tallying {
  readonly #faults = new Map<string, number>();
  readonly #pairs = new Map<string, readonly [string, string, number]>();
  readonly #states = new Map<string, number>();
  readonly #failed: number[] = [];
  #tally = { seeds: 0, violations: 0, orders: 0, fills: 0, commits: 0, events: 0 };
  #halts = { complete: 0, judged: 0, reduceOnlySends: 0 };
  #more = { replays: 0, deaths: 0, ordersLeast: Number.POSITIVE_INFINITY };

  add(result: SeedResult): void {
    const { seeds, violations, orders, fills, commits, events } = this.#tally;
    this.#tally = {
      seeds: seeds + 1,
      violations: violations + result.violations.length,
      orders: orders + result.orders,
      fills: fills + result.fills,
      commits: commits + result.commits,
      events: events + result.events,
    };
    this.#more = {
      replays: this.#more.replays + result.replays,
      deaths: this.#more.deaths + result.deaths,
      ordersLeast: Math.min(this.#more.ordersLeast, result.orders),
    };
    if (result.violations.length > 0) this.#failed.push(result.seed);
    addAll(this.#faults, result.faults);
    addAll(this.#states, result.states);
    const { complete, judged, reduceOnlySends } = this.#halts;
    this.#halts = {
      complete: complete + result.halts.complete,
      judged: judged + result.halts.judged,
      reduceOnlySends: reduceOnlySends + result.halts.reduceOnlySends,
    };
    for (const { fault, state } of result.met) {
      const key = `${fault} ${state}`;
      this.#pairs.set(key, [fault, state, (this.#pairs.get(key)?.[2] ?? 0) + 1]);
    }
  }

  get result(): Tally {
    return {
      ...this.#tally,
      ...this.#more,
      halts: this.#halts,
      failedSeeds: this.#failed.toSorted((left, right) => left - right),
      states: Object.fromEntries([...this.#states].toSorted(byName)),
      faults: Object.fromEntries([...this.#faults].toSorted(byName)),
      coverage: [...this.#pairs.values()].toSorted(byName),
    };
  }
}

function addAll(
  totals: Map<string, number>,
  counts: Readonly<Partial<Record<string, number>>>,
): void {
  for (const [name, count] of Object.entries(counts)) {
    totals.set(name, (totals.get(name) ?? 0) + (count ?? 0));
  }
}

type Named = readonly [string, ...(string | number)[]];

function byName(left: Named, right: Named): number {
  return left.join(' ') < right.join(' ') ? -1 : 1;
}
