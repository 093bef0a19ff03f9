import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import {
  filledAfter,
  type FillPlan,
  holdsGuess,
  liveFills,
  planBust,
  planCorrection,
} from '../../domain/order/index.js';
import { quantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { applyTotals } from './apply-totals.js';
import { changeFills } from './change-fills.js';
import { liveByName } from './known-trades.js';
import type { Execution, TradeChange } from './evidence.js';
import type { Step } from './order-draft.js';

type Changing = Step & { readonly change: TradeChange };

/**
 * Takes back or corrects the trade that the broker names, where the books hold it. Of any other the
 * broker's totals decide, as the frame itself shows them; then the order is asked for, since lists
 * may tell more.
 */
export async function applyTradeChange(
  transaction: BooksTransaction,
  world: World,
  step: Changing,
): Promise<void> {
  const { draft, evidence, change } = step;
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  const live = liveFills(recorded);
  draft.isHoldingGuess = holdsGuess(live);
  if (isDone(recorded, live, change)) return;
  const executionId = change.previousExecutionId;
  const fill =
    executionId === null ? null : await liveByName(transaction, live, { evidence, executionId });
  if (fill === null) {
    draft.isHoldingMore = true;
    return applyTotals(transaction, world, { ...step, mayInferMissing: false });
  }
  const plan =
    change.kind === 'bust' ? planBust(live, fill, change.atMs) : planCorrection(live, fill, change);
  if (filledAfter(draft.order.filledQuantity, plan) > draft.order.orderedQuantity) {
    draft.quarantine = 'a corrected trade is larger than what was ordered';
    return;
  }
  const cause = change.kind === 'bust' ? 'busted' : 'corrected';
  const execution = change.kind === 'bust' ? null : executionOf(change, plan);
  const changed = { plan, execution, recorded, cause, atMs: change.atMs } as const;
  await changeFills(transaction, world, { ...step, change: changed });
}

/** The trade is gone by its name already, or the one that stands instead is there. */
function isDone(
  recorded: readonly FillRow[],
  live: readonly FillRow[],
  { kind, executionId, previousExecutionId }: TradeChange,
): boolean {
  const isNamed = (fill: FillRow, name: string | null): boolean =>
    name !== null && fill.executionId === name;
  if (kind === 'correct' && live.some((fill) => isNamed(fill, executionId))) return true;
  const named = recorded.filter((fill) => isNamed(fill, previousExecutionId));
  return named.length > 0 && !named.some((fill) => live.includes(fill));
}

function executionOf(change: TradeChange, { booked }: FillPlan<FillRow>): Execution {
  const [first] = booked;
  return {
    cumulativeBefore: first?.cumulativeBefore ?? quantity(0),
    cumulativeAfter: first?.cumulativeAfter ?? change.quantity,
    price: change.price,
    executionId: change.executionId,
    activityId: null,
    atMs: change.atMs,
  };
}
