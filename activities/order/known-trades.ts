import type { BooksTransaction, BrokerEventRow, FillRow } from '../../adapters/store/port.js';
import {
  liveFills,
  reversedFills,
  standingTrades,
  type ToldFrame,
} from '../../domain/order/index.js';
import { notionalRounded, quantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import type { Execution } from './evidence.js';
import { fillRowOf } from './fill-row.js';
import type { Step } from './order-draft.js';

/**
 * The trades of an order that may stand: those that the books hold, those that they gave up because
 * of totals alone, and those that the broker lists and nobody has told yet (as rows that are not
 * recorded). A trade that a frame took back is none of them.
 */
export function knownTrades(
  world: World,
  step: Step,
  recorded: readonly FillRow[],
): readonly FillRow[] {
  const trades = byTrade(recorded);
  const standing = trades.flatMap((rows) => standingOf(rows, recorded));
  const unmatched = [...trades];
  const untold = step.evidence.listed.filter(
    (execution) => takeMatch(unmatched, execution) === null,
  );
  return [
    ...standing,
    ...untold.map((execution) => fillRowOf(world, { ...step, execution }, recorded)),
  ];
}

/** The rows of one trade, first told first: it may have moved, gone and come back. */
function byTrade(recorded: readonly FillRow[]): readonly (readonly FillRow[])[] {
  const trades = new Map<string, FillRow[]>();
  for (const fill of recorded) {
    if (fill.kind !== 'execution') continue;
    const name = fill.executionId ?? fill.activityId ?? fill.fillId;
    const rows = trades.get(name);
    if (rows === undefined) trades.set(name, [fill]);
    else rows.push(fill);
  }
  return [...trades.values()];
}

function standingOf(rows: readonly FillRow[], recorded: readonly FillRow[]): readonly FillRow[] {
  const last = rows.at(-1);
  if (last === undefined) return [];
  if (liveFills(recorded).includes(last)) return [last];
  const taken = reversedFills(recorded).find(({ fill }) => fill === last);
  return taken?.reversal.eventId === null ? [last] : [];
}

/**
 * The trades that stand by all that frames have told, as rows: those of the books, and others that
 * are not recorded.
 */
export async function toldTrades(
  transaction: BooksTransaction,
  world: World,
  { step, recorded }: { readonly step: Step; readonly recorded: readonly FillRow[] },
): Promise<readonly FillRow[]> {
  const heard = await transaction.brokerEvents.byOrder(step.evidence.clientOrderId);
  const live = liveFills(recorded);
  const unmatched = [...byTrade(recorded)];
  return standingTrades(heard.flatMap(frameOf)).map((trade) => {
    const execution: Execution = { ...trade, activityId: null };
    const rows = takeMatch(unmatched, execution) ?? [];
    const known = rows.find((row) => live.includes(row)) ?? rows.at(-1);
    return known ?? fillRowOf(world, { ...step, execution }, recorded);
  });
}

function frameOf({ event, trade }: BrokerEventRow): readonly ToldFrame[] {
  if (trade === null) return [];
  const kind =
    event === 'trade_bust' ? 'bust' : event === 'trade_correct' ? 'correct' : 'execution';
  return [{ ...trade, kind }];
}

/** Finds the recorded trade that a told one is; each is one of them only. Null: none. */
function takeMatch(
  trades: (readonly FillRow[])[],
  execution: Execution,
): readonly FillRow[] | null {
  for (const isSame of [hasName, hasActivity, hasPlace, hasTerms]) {
    const index = trades.findIndex((rows) => rows.some((row) => isSame(row, execution)));
    if (index !== -1) return trades.splice(index, 1)[0] ?? null;
  }
  return null;
}

function hasName(row: FillRow, { executionId }: Execution): boolean {
  return executionId !== null && row.executionId === executionId;
}

function hasActivity(row: FillRow, { activityId }: Execution): boolean {
  return activityId !== null && row.activityId === activityId;
}

function hasPlace(row: FillRow, execution: Execution): boolean {
  return (
    row.atMs === execution.atMs &&
    row.cumulativeBefore === execution.cumulativeBefore &&
    row.cumulativeAfter === execution.cumulativeAfter
  );
}

function hasTerms(row: FillRow, { price, atMs, ...interval }: Execution): boolean {
  const units = quantity(interval.cumulativeAfter - interval.cumulativeBefore);
  return (
    row.atMs === atMs &&
    row.cumulativeAfter - row.cumulativeBefore === units &&
    row.notional === notionalRounded(price, units)
  );
}
