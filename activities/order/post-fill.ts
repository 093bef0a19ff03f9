import type { BooksTransaction, FillRow, PositionRow } from '../../adapters/store/port.js';
import type { Position } from '../../domain/position/index.js';
import {
  addUsd,
  negateUsd,
  type Price,
  quantity,
  subtractUsd,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';

/** A fill or a reversal, and what it made of the position. */
export interface Posting {
  readonly fill: FillRow;
  readonly before: PositionRow | null;
  readonly position: Position;
  /** What it realised; a reversal takes back what its fill had. */
  readonly realized: Usd;
}

/** Writes position, its change, cash and totals. The fill and the trades are the caller's. */
export async function postFill(transaction: BooksTransaction, posting: Posting): Promise<void> {
  await writePosition(transaction, posting);
  writeTotals(transaction, posting);
}

async function writePosition(transaction: BooksTransaction, posting: Posting): Promise<void> {
  const { fill, before, position, realized } = posting;
  await transaction.positions.upsert({ ...position, ...markAfter(posting) });
  await transaction.positions.recordChange({
    changeId: fill.fillId,
    symbol: fill.symbol,
    cause: fill.kind === 'reversal' ? 'reversal' : 'fill',
    sideBefore: before?.side ?? 'flat',
    quantityBefore: before?.quantity ?? quantity(0),
    costBasisBefore: before?.costBasis ?? ZERO_USD,
    sideAfter: position.side,
    quantityAfter: position.quantity,
    costBasisAfter: position.costBasis,
    realized,
    evidence: JSON.stringify({ fillId: fill.fillId, source: fill.source }),
    atMs: fill.atMs,
  });
}

/** The price of a fill is a mark; that of a reversal is none. */
function markAfter({ fill, before }: Posting): {
  readonly lastPrice: Price | null;
  readonly lastPriceAtMs: PositionRow['lastPriceAtMs'];
} {
  return fill.kind === 'reversal'
    ? { lastPrice: before?.lastPrice ?? null, lastPriceAtMs: before?.lastPriceAtMs ?? null }
    : { lastPrice: fill.price, lastPriceAtMs: fill.atMs };
}

function writeTotals(transaction: BooksTransaction, posting: Posting): void {
  const { fill, realized } = posting;
  const totals = transaction.account.get();
  const isReversal = fill.kind === 'reversal';
  const isPaid = (fill.side === 'buy') !== isReversal;
  const moved = isPaid ? negateUsd(fill.notional) : fill.notional;
  const fee = isReversal ? negateUsd(fill.fee) : fill.fee;
  transaction.account.set({
    cash: subtractUsd(addUsd(totals.cash, moved), fee),
    fees: addUsd(totals.fees, fee),
    realizedPnl: addUsd(totals.realizedPnl, realized),
    longCostBasis: addUsd(totals.longCostBasis, costShift('long', posting)),
    shortCostBasis: addUsd(totals.shortCostBasis, costShift('short', posting)),
  });
}

/** How much the fill moved the cost of what is held on one side. */
function costShift(side: 'long' | 'short', { before, position }: Posting): Usd {
  const costOf = (holding: Pick<PositionRow, 'side' | 'costBasis'> | null): Usd =>
    holding?.side === side ? holding.costBasis : ZERO_USD;
  return subtractUsd(costOf(position), costOf(before));
}
