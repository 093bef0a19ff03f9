import type { WorldSettings } from '../../../activities/world.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { WishRules } from '../invariants/wish-rules.js';
import type { MemoryKillFile } from '../process/memory-kill-file.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import type { TemporalServer } from '../temporal/temporal-server.js';
import type { Chance } from '../time/chance.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { MarketWalk } from './market-walk.js';
import type { OrderTally } from './order-tally.js';

/** What a scenario plays on. */
export interface Stage {
  readonly account: string;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly server: TemporalServer;
  readonly exchange: SimulatedExchange;
  readonly market: MarketWalk;
  readonly killFile: MemoryKillFile;
  readonly settings: WorldSettings;
  /** In which state the books have an order. */
  readonly stateOf: (clientOrderId: string) => string;
  readonly orders: OrderTally;
  /** What must come of wishes that are no orders. */
  readonly wishes: WishRules;
  /** Somebody has taken a halt that was asked for: from here on it must come into force. */
  readonly haltTaken: (message: string) => void;
  /** Whether new orders are taken, by what is committed. */
  readonly isTrading: () => boolean;
  /** The process that can be asked now, if one is up. */
  readonly process: () => OrdinisProcess | null;
  /** Calls once as soon as one is up. */
  readonly whenReady: (call: () => void) => void;
  /** Calls inside each commit that begins a send, before anybody knows of it. */
  readonly onSendBegun: (call: () => void) => void;
  /** What was asked for and is not done yet. */
  readonly asks: Set<string>;
}

/** Does something later, whatever becomes of the processes meanwhile. */
export function later({ time }: Stage, delayMs: number, run: () => void): void {
  time.after(delayMs, { owner: null, label: '' }, run);
}

const ASK_AGAIN_MS = 700;
const PATIENCE_MS = 12_000;

/** Asks whichever process is up, again and again, until one has said that it is done. */
export function askUntilDone(
  stage: Stage,
  name: string,
  ask: (process: OrdinisProcess) => Promise<unknown>,
): void {
  const { time, asks } = stage;
  asks.add(name);
  const attempt = (): void => {
    if (!asks.has(name)) return;
    const process = stage.process();
    if (process === null) {
      stage.whenReady(attempt);
      return;
    }
    let isOver = false;
    const again = (delayMs: number): void => {
      if (isOver || !asks.has(name)) return;
      isOver = true;
      later(stage, delayMs, attempt);
    };
    time.after(0, { owner: process.life, label: '' }, () => {
      ask(process).then(
        () => void asks.delete(name),
        () => again(ASK_AGAIN_MS),
      );
    });
    later(stage, PATIENCE_MS, () => again(0));
  };
  attempt();
}
