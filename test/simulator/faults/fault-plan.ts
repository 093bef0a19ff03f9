import type { Chance } from '../time/chance.js';
import { FAULT_NAMES, type FaultName } from './fault-names.js';

/** What `--faults` asks for. */
export type FaultWish = 'all' | 'none' | readonly FaultName[];

/** Share of the faults that a run of `all` puts: runs differ in what they suffer, not only when. */
const SWARM_SHARE = 0.55;
const INTENSITY_LEAST = 0.01;
const INTENSITY_MOST = 0.12;

/** A fault that met an order in a state. */
export interface FaultHit {
  readonly fault: FaultName;
  readonly state: string;
}

interface Active {
  readonly chance: Chance;
  readonly probability: number;
}

/** Which faults a run suffers, how often each, and what they have hit so far. */
export class FaultPlan {
  readonly #active = new Map<FaultName, Active>();
  readonly #counts = new Map<FaultName, number>();
  readonly #pairs = new Map<string, FaultHit>();
  readonly #note: (line: string) => void;
  #isOn = true;
  #share = 1;
  /** The states that orders are in: what a fault meets that is not about one of them. */
  statesNow: () => Iterable<string> = () => [];

  constructor(chance: Chance, wish: FaultWish, note: (line: string) => void) {
    this.#note = note;
    const draw = chance.fork('swarm');
    for (const fault of FAULT_NAMES) {
      const [share, size] = [draw.next(), draw.next()];
      if (!isWished(fault, wish, share)) continue;
      const probability = INTENSITY_LEAST + size * size * (INTENSITY_MOST - INTENSITY_LEAST);
      this.#active.set(fault, { chance: chance.fork(fault), probability });
    }
  }

  get names(): readonly FaultName[] {
    return [...this.#active.keys()];
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** From here on everything goes wrong half as often. */
  ease(): void {
    this.#share /= 2;
  }

  /** From here on nothing goes wrong any more. */
  stop(): void {
    this.#isOn = false;
  }

  isActive(fault: FaultName): boolean {
    return this.#isOn && this.#active.has(fault);
  }

  /**
   * Whether the fault happens now, to an order that the books have in this state if it is about
   * one; `weight` makes it rarer or more frequent where it is asked.
   */
  hits(
    fault: FaultName,
    { state, weight = 1 }: { readonly state?: string | undefined; readonly weight?: number } = {},
  ): boolean {
    const active = this.#active.get(fault);
    if (active === undefined || !this.#isOn) return false;
    if (!active.chance.hit(Math.min(1, active.probability * this.#share * weight))) return false;
    this.count(fault, state);
    return true;
  }

  /** Chance of an active fault, for its sizes and times. */
  chanceOf(fault: FaultName): Chance {
    const active = this.#active.get(fault);
    if (active === undefined) throw new Error(`expected ${fault} to be active`);
    return active.chance;
  }

  count(fault: FaultName, state?: string): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1);
    this.meet(fault, state);
    this.#note(`FAULT ${fault} ${state ?? ''}`);
  }

  /** Notes which orders a fault meets, also one that was put before there were any. */
  meet(fault: FaultName, state?: string): void {
    const states = state === undefined ? this.statesNow() : [state];
    for (const hit of states) this.#pairs.set(`${fault} ${hit}`, { fault, state: hit });
  }

  /** How often each fault has hit. */
  get counts(): Readonly<Partial<Record<FaultName, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** Each pair of fault and order state that met. */
  get pairs(): readonly FaultHit[] {
    return [...this.#pairs.values()];
  }
}

function isWished(fault: FaultName, wish: FaultWish, share: number): boolean {
  if (wish === 'none') return false;
  if (wish === 'all') return share < SWARM_SHARE;
  return wish.includes(fault);
}
