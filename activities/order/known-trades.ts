import type { BooksTransaction, BrokerEventRow, FillRow } from '../../adapters/store/port.js';
import {
  heardTrades,
  intervalQuantity,
  liveFills,
  reversedFills,
  type ToldFrame,
  type Trades,
} from '../../domain/order/index.js';
import type { World } from '../world.js';
import { type Evidence, type Execution, toldTradeOf } from './evidence.js';
import { fillRowOf } from './fill-row.js';
import type { Step } from './order-draft.js';

/**
 * The trades of an order by what is known of them: those that the books hold, those that stand by
 * what frames have told, and all that may stand. These are also those that the books gave up
 * because of totals alone, and those that the broker lists and nobody has told yet (as rows that
 * are not recorded). What a frame has taken back, in whichever way it was told before, is none.
 */
export async function tradesOf(
  transaction: BooksTransaction,
  world: World,
  { step, recorded }: { readonly step: Step; readonly recorded: readonly FillRow[] },
): Promise<Trades<FillRow>> {
  const { listed } = step.evidence;
  const live = liveFills(recorded);
  const heard = heardTrades(await framesOf(transaction, step.evidence));
  const others = byTrade(recorded);
  const untold = [...listed];
  // Each is one trade, in however many ways it was told.
  const take = (execution: Execution): readonly FillRow[] => {
    takeMatch(untold, (one) => [one], execution);
    return takeMatch(others, (rows) => rows, execution) ?? [];
  };
  const rowOf = (execution: Execution): FillRow =>
    fillRowOf(world, { ...step, execution }, recorded);
  const told = heard.standing.map((trade) => {
    const execution = { ...trade, activityId: null };
    const rows = take(execution);
    return rows.find((row) => live.includes(row)) ?? rows.at(-1) ?? rowOf(execution);
  });
  for (const trade of heard.gone) take({ ...trade, activityId: null });
  const standing = others.flatMap((rows) => standingOf(rows, recorded));
  const unheld = untold.filter((one) => takeMatch(others, (rows) => rows, one) === null);
  return { live, told, known: [...told, ...standing, ...unheld.map(rowOf)] };
}

/**
 * The fill that counts under a name that the broker gives; one that came by a list has no name, and
 * goes by the terms that the frame of that name has told. Null: none counts, or nobody can say.
 */
export async function liveByName(
  transaction: BooksTransaction,
  live: readonly FillRow[],
  { evidence, executionId }: { readonly evidence: Evidence; readonly executionId: string },
): Promise<FillRow | null> {
  const named = live.find((fill) => fill.executionId === executionId);
  if (named !== undefined) return named;
  const { standing, gone } = heardTrades(await framesOf(transaction, evidence));
  const told = [...standing, ...gone].find((trade) => trade.executionId === executionId);
  if (told === undefined) return null;
  const nameless = live.filter((fill) => fill.executionId === null && fill.kind === 'execution');
  return takeMatch(nameless, (fill) => [fill], { ...told, activityId: null });
}

/** What frames have told of an order's trades, with what is being told: that is kept afterwards. */
async function framesOf(
  transaction: BooksTransaction,
  evidence: Evidence,
): Promise<readonly ToldFrame[]> {
  const kept = await transaction.brokerEvents.byOrder(evidence.clientOrderId);
  const told = { event: evidence.event, trade: toldTradeOf(evidence) };
  return [...kept, ...(evidence.inboxId === null ? [] : [told])].flatMap(frameOf);
}

function frameOf({ event, trade }: Pick<BrokerEventRow, 'event' | 'trade'>): readonly ToldFrame[] {
  if (trade === null) return [];
  const kind =
    event === 'trade_bust' ? 'bust' : event === 'trade_correct' ? 'correct' : 'execution';
  return [{ ...trade, kind }];
}

/** The rows of one trade, first told first: it may have moved, gone and come back. */
function byTrade(recorded: readonly FillRow[]): (readonly FillRow[])[] {
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

type Telling = Pick<
  FillRow,
  'executionId' | 'activityId' | 'cumulativeBefore' | 'cumulativeAfter' | 'price' | 'atMs'
>;

/** Takes out what is the same trade as an execution; each is one of them only. Null: none. */
function takeMatch<Trade>(
  trades: Trade[],
  tellingsOf: (trade: Trade) => readonly Telling[],
  execution: Execution,
): Trade | null {
  for (const isSame of [hasName, hasActivity, hasPlace, hasTerms]) {
    const index = trades.findIndex((trade) =>
      tellingsOf(trade).some((telling) => isSame(telling, execution)),
    );
    if (index !== -1) return trades.splice(index, 1)[0] ?? null;
  }
  return null;
}

function hasName(telling: Telling, { executionId }: Execution): boolean {
  return executionId !== null && telling.executionId === executionId;
}

function hasActivity(telling: Telling, { activityId }: Execution): boolean {
  return activityId !== null && telling.activityId === activityId;
}

function hasPlace(telling: Telling, execution: Execution): boolean {
  return (
    telling.atMs === execution.atMs &&
    telling.cumulativeBefore === execution.cumulativeBefore &&
    telling.cumulativeAfter === execution.cumulativeAfter
  );
}

function hasTerms(telling: Telling, execution: Execution): boolean {
  return (
    telling.atMs === execution.atMs &&
    telling.price === execution.price &&
    intervalQuantity(telling) === intervalQuantity(execution)
  );
}
