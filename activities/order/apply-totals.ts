import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import {
  type FillPlan,
  liveFills,
  type Order,
  planTotals,
  quantityIn,
  totalsOf,
} from '../../domain/order/index.js';
import { parseInstant } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { changeFills } from './change-fills.js';
import { knownTrades } from './known-trades.js';
import { areTotalsOfBooks, compareWithApplied } from './newness.js';
import type { Step } from './order-draft.js';

/**
 * Brings an order to the totals of a snapshot that nothing told explains: more or less than the
 * books hold, as much at another place, or for other money. The caller has asked the broker twice;
 * a snapshot that is older than a fill of the books proves nothing.
 */
export async function applyTotals(
  transaction: BooksTransaction,
  world: World,
  step: Step,
): Promise<void> {
  const { draft, evidence } = step;
  const { order } = evidence;
  if (order === null || isLagging(draft.order, order)) return;
  if (order.filledQuantity > draft.order.orderedQuantity) {
    draft.quarantine = 'more was filled than was ordered';
    return;
  }
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  const live = liveFills(recorded);
  const isGuessed = live.some((fill) => fill.kind === 'inferred');
  if (!isGuessed && areTotalsOfBooks(live, order)) return;
  const shownAtMs = order.updatedAt === null ? null : parseInstant(order.updatedAt);
  if (shownAtMs === null || live.some((fill) => isLater(fill, shownAtMs))) return;
  const totals = totalsOf(order.filledQuantity, order.filledAveragePrice);
  const known = knownTrades(world, step, recorded);
  const plan = planTotals(live, known, totals);
  if (plan.reversed.length + plan.booked.length === 0) return;
  const cause = isGuessOnly(plan) ? 'explained' : 'gone';
  const change = { plan, execution: null, recorded, cause, atMs: shownAtMs } as const;
  await changeFills(transaction, world, { ...step, change });
}

/** Older than what was applied, or of its instant and from before its last fill: reads lag. */
function isLagging(applied: Order, { updatedAt, filledQuantity }: BrokerOrder): boolean {
  const age = compareWithApplied(applied, updatedAt) ?? 0;
  return age < 0 || (age === 0 && filledQuantity < applied.brokerFilledQuantity);
}

/** What is missing is inferred, or what was inferred gets another price: no trade is gone. */
function isGuessOnly({ reversed, booked }: FillPlan<FillRow>): boolean {
  return (
    reversed.every((fill) => fill.kind === 'inferred') && quantityIn(booked) >= quantityIn(reversed)
  );
}

function isLater(fill: FillRow, atMs: number): boolean {
  return fill.atMs > atMs;
}
