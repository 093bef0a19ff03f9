import { cents, type SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { Chance } from '../time/chance.js';
import type { VirtualTime } from '../time/virtual-time.js';

export const SYMBOLS = ['SPY', 'IBM', 'KO'] as const;
export type SimulatedSymbol = (typeof SYMBOLS)[number];

export function isSimulatedSymbol(text: string): text is SimulatedSymbol {
  return (SYMBOLS as readonly string[]).includes(text);
}

const STEP_MS = [400, 2_500] as const;
const STEP_SHARE = 0.004;
const PRINT_SHARE = 0.5;

/** A market that moves a little every second or so, symbol by symbol, and prints trades. */
export class MarketWalk {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #exchange: SimulatedExchange;
  readonly #centsOf = new Map<SimulatedSymbol, number>();
  #isStopped = false;

  constructor(time: VirtualTime, chance: Chance, exchange: SimulatedExchange) {
    this.#time = time;
    this.#chance = chance;
    this.#exchange = exchange;
    for (const symbol of SYMBOLS) {
      this.#centsOf.set(symbol, chance.whole(4_000, 20_000));
      this.#show(symbol);
      this.#stepLater(symbol);
    }
  }

  /** Does not move any more: what rests goes on resting. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The middle of the market, in cents. */
  centsOf(symbol: SimulatedSymbol): number {
    return this.#centsOf.get(symbol) ?? 10_000;
  }

  #stepLater(symbol: SimulatedSymbol): void {
    const delayMs = this.#chance.between(...STEP_MS);
    this.#time.after(delayMs, { owner: null, label: '' }, () => {
      if (this.#isStopped) return;
      const now = this.centsOf(symbol);
      const moved = Math.round(now * (1 + this.#chance.between(-STEP_SHARE, STEP_SHARE)));
      this.#centsOf.set(symbol, Math.max(1_000, moved));
      this.#show(symbol);
      this.#stepLater(symbol);
    });
  }

  #show(symbol: SimulatedSymbol): void {
    const middle = this.centsOf(symbol);
    this.#exchange.quote(symbol, cents(middle - 2), cents(middle + 2));
    if (this.#chance.hit(PRINT_SHARE)) {
      this.#exchange.print(symbol, cents(middle + this.#chance.whole(-1, 1)));
    }
  }
}
