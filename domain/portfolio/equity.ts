import { marketValue, type Position, unrealizedPnl } from '../position/index.js';
import { addUsd, type Price, type Usd, ZERO_USD } from '../values/index.js';

/** What an account is worth at given marks. */
export interface Valuation {
  /** Cash plus the market value of everything held. */
  readonly equity: Usd;
  /** Never negative. */
  readonly longValue: Usd;
  /** Never positive: what buying the short positions back costs. */
  readonly shortValue: Usd;
  readonly unrealizedPnl: Usd;
}

export type ValuationResult =
  | { readonly ok: true; readonly valuation: Valuation }
  /** Symbols that are held but have no mark: the account has no known worth. */
  | { readonly ok: false; readonly unpriced: readonly string[] };

/**
 * The account's worth at the last valid marks. One held symbol without a mark leaves it unknown,
 * never guessed.
 */
export function valueAccount(
  cash: Usd,
  positions: readonly Position[],
  marks: ReadonlyMap<string, Price>,
): ValuationResult {
  const unpriced: string[] = [];
  let longValue = ZERO_USD;
  let shortValue = ZERO_USD;
  let unrealized = ZERO_USD;
  for (const position of positions) {
    if (position.side === 'flat') continue;
    const mark = marks.get(position.symbol);
    if (mark === undefined) {
      unpriced.push(position.symbol);
      continue;
    }
    const value = marketValue(position, mark);
    if (position.side === 'long') longValue = addUsd(longValue, value);
    else shortValue = addUsd(shortValue, value);
    unrealized = addUsd(unrealized, unrealizedPnl(position, mark));
  }
  if (unpriced.length > 0) return { ok: false, unpriced };
  const equity = addUsd(cash, longValue, shortValue);
  return { ok: true, valuation: { equity, longValue, shortValue, unrealizedPnl: unrealized } };
}
