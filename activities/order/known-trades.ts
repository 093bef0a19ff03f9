import type { FillRow } from '../../adapters/store/port.js';
import { liveFills, reversedFills } from '../../domain/order/index.js';
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
  const trades = [...byTrade(recorded).values()];
  const standing = trades.flatMap((rows) => standingOf(rows, recorded));
  const unmatched = [...trades];
  const untold = step.evidence.listed.filter((execution) => !takeMatch(unmatched, execution));
  return [
    ...standing,
    ...untold.map((execution) => fillRowOf(world, { ...step, execution }, recorded)),
  ];
}

/** The rows of one trade, first told first: it may have moved, gone and come back. */
function byTrade(recorded: readonly FillRow[]): ReadonlyMap<string, readonly FillRow[]> {
  const trades = new Map<string, FillRow[]>();
  for (const fill of recorded) {
    if (fill.kind !== 'execution') continue;
    const name = fill.executionId ?? fill.activityId ?? fill.fillId;
    const rows = trades.get(name);
    if (rows === undefined) trades.set(name, [fill]);
    else rows.push(fill);
  }
  return trades;
}

function standingOf(rows: readonly FillRow[], recorded: readonly FillRow[]): readonly FillRow[] {
  const last = rows.at(-1);
  if (last === undefined) return [];
  if (liveFills(recorded).includes(last)) return [last];
  const taken = reversedFills(recorded).find(({ fill }) => fill === last);
  return taken?.reversal.eventId === null ? [last] : [];
}

/** Finds the recorded trade that a listed one is; each is one of them only. */
function takeMatch(trades: (readonly FillRow[])[], execution: Execution): boolean {
  for (const isSame of [hasActivity, hasPlace, hasTerms]) {
    const index = trades.findIndex((rows) => rows.some((row) => isSame(row, execution)));
    if (index === -1) continue;
    trades.splice(index, 1);
    return true;
  }
  return false;
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
