import type { Chance } from '../time/chance.js';
import { FAULT_NAMES, type FaultName, OFF_BY_DEFAULT } from './fault-names.js';

/** What `--faults` asks for. */
export type FaultWish = 'all' | 'none' | readonly FaultName[];

/** Share of the faults that a run of `all` puts: runs differ in what they suffer, not only when. */
const SWARM_SHARE = 0.55;
const INTENSITY_LEAST = 0.01;
const INTENSITY_MOST = 0.12;

export interface FaultHit {
  readonly fault: FaultName;
  /** The state of the order that it hit, or `none`. */
  readonly state: string;
}

interface Active {
  readonly chance: Chance;
  readonly probability: number;
}

/** Which faults a run suffers, how often each, and what they have hit so far. */
export class FaultPlan {
  readonly #active = new Map<FaultName, Active>();
  readonly #counts = new Map<string, FaultHit & { count: number }>();
  readonly #note: (line: string) => void;
  #isOn = true;

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

  /** From here on nothing goes wrong any more. */
  stop(): void {
    this.#isOn = false;
  }

  isActive(fault: FaultName): boolean {
    return this.#isOn && this.#active.has(fault);
  }

  /** Whether the fault happens now; `weight` makes it rarer or more frequent where it is asked. */
  hits(
    fault: FaultName,
    { state = 'none', weight = 1 }: { readonly state?: string; readonly weight?: number } = {},
  ): boolean {
    const active = this.#active.get(fault);
    if (active === undefined || !this.#isOn) return false;
    if (!active.chance.hit(Math.min(1, active.probability * weight))) return false;
    this.count(fault, state);
    return true;
  }

  /** Chance of an active fault, for its sizes and times. */
  chanceOf(fault: FaultName): Chance {
    const active = this.#active.get(fault);
    if (active === undefined) throw new Error(`expected ${fault} to be active`);
    return active.chance;
  }

  count(fault: FaultName, state: string): void {
    const key = `${fault} ${state}`;
    const counted = this.#counts.get(key) ?? { fault, state, count: 0 };
    counted.count += 1;
    this.#counts.set(key, counted);
    this.#note(`FAULT ${fault} (order ${state})`);
  }

  get counted(): readonly (FaultHit & { readonly count: number })[] {
    return [...this.#counts.values()];
  }
}

function isWished(fault: FaultName, wish: FaultWish, share: number): boolean {
  if (wish === 'none') return false;
  if (wish === 'all') return share < SWARM_SHARE && !OFF_BY_DEFAULT.has(fault);
  return wish.includes(fault);
}
