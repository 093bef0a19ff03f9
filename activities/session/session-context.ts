import type { MarketStep } from '../../adapters/broker/port.js';
import type { TradingDay } from '../../domain/market/index.js';
import type { ConfiguredStrategy, StrategyState } from '../../strategies/strategy.js';
import type { SessionInput } from '../../workflows/contract/lifecycle.js';
import type { World } from '../world.js';

/**
 * One attempt at feeding a day's bars. Everything in it is rebuilt from the broker and the books.
 */
export interface FeedContext {
  readonly world: World;
  readonly input: SessionInput;
  readonly day: TradingDay;
  readonly strategy: ConfiguredStrategy;
  /** By symbol. */
  readonly states: Map<string, StrategyState>;
  /** Orders and turns that a step has waited for long enough. */
  readonly givenUp: Set<string>;
  readonly signal: AbortSignal;
  readonly heartbeat: (step: MarketStep) => void;
}
