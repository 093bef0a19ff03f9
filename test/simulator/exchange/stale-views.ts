import type { AccountView } from '../../../exchange/matching/index.js';
import type { FaultName } from '../faults/fault-names.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { SimulatedExchange } from './simulated-exchange.js';

const COPY_EVERY_MS = 1_500;
const WINDOW_MS_MAX = 6_000;

/** Reads lag writes: for some seconds a kind of read is answered from how the account was. */
export class StaleViews {
  readonly #time: VirtualTime;
  readonly #faults: FaultPlan;
  readonly #exchange: SimulatedExchange;
  readonly #windows = new Map<
    FaultName,
    { readonly view: AccountView; readonly untilMs: number }
  >();
  #latest: AccountView;
  #toldHaltAtMs = Number.NEGATIVE_INFINITY;

  constructor(time: VirtualTime, faults: FaultPlan, exchange: SimulatedExchange) {
    this.#time = time;
    this.#faults = faults;
    this.#exchange = exchange;
    this.#latest = exchange.copyView();
    if (faults.isActive('stale_read') || faults.isActive('positions_lag')) this.#copyAgain();
  }

  /** When a halt was last shown the account as it had been. */
  get toldHaltAtMs(): number {
    return this.#toldHaltAtMs;
  }

  /** What a read of this kind sees now, if it is about an order that is in this state. */
  viewFor(fault: 'stale_read' | 'positions_lag', state?: string): AccountView {
    const window = this.#windows.get(fault);
    if (window !== undefined && window.untilMs > this.#time.nowMs && this.#faults.isOn) {
      return window.view;
    }
    if (!this.#faults.hits(fault, { state })) return this.#exchange.engine;
    const lastsMs = this.#faults.chanceOf(fault).between(100, WINDOW_MS_MAX);
    this.#windows.set(fault, { view: this.#latest, untilMs: this.#time.nowMs + lastsMs });
    return this.#latest;
  }

  /** A halt is shown what is open or what is held, as this view has it. */
  toldHalt(view: AccountView): AccountView {
    if (view !== this.#exchange.engine) this.#toldHaltAtMs = this.#time.nowMs;
    return view;
  }

  #copyAgain(): void {
    this.#time.after(COPY_EVERY_MS, { owner: null, label: '' }, () => {
      if (!this.#faults.isOn) return;
      this.#latest = this.#exchange.copyView();
      this.#copyAgain();
    });
  }
}
