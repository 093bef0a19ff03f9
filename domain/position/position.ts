import type { EpochMs, Price, Quantity, Usd } from '../values/index.js';
import {
  averagePriceRounded,
  negateUsd,
  notionalRounded,
  subtractUsd,
  ZERO_QUANTITY,
  ZERO_USD,
} from '../values/index.js';

export type PositionSide = 'long' | 'short' | 'flat';

/**
 * What an account holds of one symbol, by weighted average cost. Account-free: the books' rows
 * carry the account.
 */
export interface Position {
  readonly symbol: string;
  readonly side: PositionSide;
  /** Never negative; zero exactly when flat. */
  readonly quantity: Quantity;
  /**
   * What the open units cost when long, what they brought in when short; never negative, zero when
   * flat. Without fees.
   */
  readonly costBasis: Usd;
  /** Sum of all that was ever realised, before fees: fees are cash entries of their own. */
  readonly realizedPnl: Usd;
  /** When the position left flat, or flipped. Null exactly when flat. */
  readonly enteredAtMs: EpochMs | null;
  readonly updatedAtMs: EpochMs;
}

/** A symbol of which nothing was ever held. */
export function flatPosition(symbol: string, updatedAtMs: EpochMs): Position {
  return {
    symbol,
    side: 'flat',
    quantity: ZERO_QUANTITY,
    costBasis: ZERO_USD,
    realizedPnl: ZERO_USD,
    enteredAtMs: null,
    updatedAtMs,
  };
}

type Holding = Pick<Position, 'side' | 'quantity' | 'costBasis'>;

/**
 * What the position is worth at a mark price: negative when short (what buying it back costs), zero
 * when flat.
 */
export function marketValue(position: Omit<Holding, 'costBasis'>, mark: Price): Usd {
  const value = notionalRounded(mark, position.quantity);
  return position.side === 'short' ? negateUsd(value) : value;
}

/** What closing everything at a mark price would realise, before fees. */
export function unrealizedPnl(position: Holding, mark: Price): Usd {
  return subtractUsd(marketValue(position, mark), signedCostBasis(position));
}

/** The cost basis as the balance sheet sees it: negative when short, since the money came in. */
export function signedCostBasis(position: Holding): Usd {
  return position.side === 'short' ? negateUsd(position.costBasis) : position.costBasis;
}

/**
 * Average cost of a unit, rounded to nano-dollars, for display and comparison only. Null: no cost
 * to average.
 */
export function averageEntryPrice(position: Holding): Price | null {
  if (position.quantity === 0 || position.costBasis === 0) return null;
  return averagePriceRounded(position.costBasis, position.quantity);
}
