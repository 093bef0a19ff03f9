import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import {
  type FillPlan,
  holdsGuess,
  liveFills,
  type Order,
  planTotals,
  quantityIn,
  totalsOf,
  type Trades,
} from '../../domain/order/index.js';
import { parseInstant } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { changeFills } from './change-fills.js';
import { tradesOf } from './known-trades.js';
import { areTotalsOfBooks, compareWithApplied, isOlder } from './newness.js';
import type { Step } from './order-draft.js';

/**
 * Brings an order to the totals of a snapshot that nothing told explains: more or less than the
 * books hold, as much at another place, or for other money. A snapshot that is older than a fill of
 * the books proves nothing. What is missing may be inferred where the caller has asked the broker
 * twice, and its lists; else it is left to who asks.
 */
export async function applyTotals(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly mayInferMissing: boolean },
): Promise<void> {
  const { draft, evidence } = step;
  const { order } = evidence;
  if (order === null || isOlder(draft.order, order.updatedAt)) return;
  if (order.filledQuantity > draft.order.orderedQuantity) {
    draft.quarantine = 'more was filled than was ordered';
    return;
  }
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  if (mayLag(draft.order, order, { recorded, nowAtWallMs: world.wallClock.nowMs() })) return;
  draft.order = { ...draft.order, brokerFilledQuantity: order.filledQuantity };
  const live = liveFills(recorded);
  if (!holdsGuess(live) && areTotalsOfBooks(live, order)) return;
  const shownAtMs = order.updatedAt === null ? null : parseInstant(order.updatedAt);
  if (shownAtMs === null || live.some((fill) => isLater(fill, shownAtMs))) return;
  const totals = totalsOf(order.filledQuantity, order.filledAveragePrice);
  const trades = await tradesOf(transaction, world, { step, recorded });
  const plan = planTotals(upTo(shownAtMs, trades), totals);
  if (plan.reversed.length + plan.booked.length === 0) return;
  const isMissing = order.filledQuantity > draft.order.filledQuantity;
  if (isMissing && holdsInferred(plan) && !step.mayInferMissing) return;
  const cause = isGuessOnly(plan) ? 'explained' : 'gone';
  const change = { plan, execution: null, recorded, cause, atMs: shownAtMs } as const;
  await changeFills(transaction, world, { ...step, change });
}

/** Reads lag what was done by some seconds; by more than this they do not. */
const LAG_MS_MAX = 60_000;

/**
 * Of the instant that was applied last, with less filled: of before the last fill of that instant,
 * or of after a trade was taken back in it. While reads may lag, nobody can tell.
 */
function mayLag(
  applied: Order,
  { updatedAt, filledQuantity }: BrokerOrder,
  known: { readonly recorded: readonly FillRow[]; readonly nowAtWallMs: number },
): boolean {
  const isSameInstant = (compareWithApplied(applied, updatedAt) ?? 0) === 0;
  if (!isSameInstant || filledQuantity >= applied.brokerFilledQuantity) return false;
  const lastAtWallMs = Math.max(0, ...known.recorded.map((fill) => fill.recordedAtWallMs));
  return known.nowAtWallMs - lastAtWallMs < LAG_MS_MAX;
}

function holdsInferred({ booked }: FillPlan<FillRow>): boolean {
  return booked.some(({ origin }) => origin === 'inferred');
}

/** What is missing is inferred, or what was inferred gets another price: no trade is gone. */
function isGuessOnly({ reversed, booked }: FillPlan<FillRow>): boolean {
  return (
    reversed.every((fill) => fill.kind === 'inferred') && quantityIn(booked) >= quantityIn(reversed)
  );
}

/** Lists run ahead of snapshots: a trade of after one is no part of its totals. */
function upTo(atMs: number, { live, told, known }: Trades<FillRow>): Trades<FillRow> {
  const isThere = (fill: FillRow): boolean => !isLater(fill, atMs);
  return { live, told: told.filter(isThere), known: known.filter(isThere) };
}

function isLater(fill: FillRow, atMs: number): boolean {
  return fill.atMs > atMs;
}
