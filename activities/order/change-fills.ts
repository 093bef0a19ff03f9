import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import { brokerOrderIdOf, type FillPlan } from '../../domain/order/index.js';
import { assert, type EpochMs, formatPrice, formatQuantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { bookFill } from './book-fill.js';
import type { Execution } from './evidence.js';
import { plannedRow, reversalRow } from './fill-row.js';
import { move, type Step } from './order-draft.js';
import { rebookFills } from './rebook-fills.js';

/** Why fills change after they were booked. */
export type ChangeCause =
  /** The execution is known now that was inferred before: nobody need look. */
  | 'explained'
  /** The broker took a trade back, or gave it other terms: money moved after the fact. */
  | 'busted'
  | 'corrected'
  /** Only the broker's totals, or an execution in its place, show that a trade is gone. */
  | 'gone';

export interface FillChange {
  readonly plan: FillPlan<FillRow>;
  /** What stands in place of what is reversed, where the evidence names it. */
  readonly execution: Execution | null;
  /** All fills of the order, as recorded. */
  readonly recorded: readonly FillRow[];
  readonly cause: ChangeCause;
  /** Market time of the change. */
  readonly atMs: EpochMs;
}

/**
 * Takes fills back and books what stands instead, by rows of their own: nothing is edited. Order,
 * position, trades, cash and counters follow in the same transaction.
 */
export async function changeFills(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly change: FillChange },
): Promise<void> {
  const { draft, evidence, change } = step;
  const { plan, cause, atMs } = change;
  const brokerOrderId = brokerOrderIdOf(draft.order) ?? evidence.brokerOrderId;
  const isTold = cause === 'busted' || cause === 'corrected';
  const rows: FillRow[] = [];
  for (const fill of plan.reversed) {
    const event = { kind: 'fill_reversed', brokerOrderId, interval: intervalOf(fill) } as const;
    const hasMoved = await move(transaction, world, { ...step, event });
    assert(hasMoved, `expected fill ${fill.fillId} to be taken back: ${draft.quarantine ?? ''}`);
    rows.push(reversalRow(world, step, { fill, isTold, atMs }));
  }
  for (const fill of plan.booked) {
    const recorded = [...change.recorded, ...rows];
    const place = plan.reversed[0] ?? null;
    const { execution } = change;
    const row = plannedRow(world, step, { fill, execution, recorded, place, atMs });
    const event = { kind: 'filled', brokerOrderId, interval: intervalOf(row) } as const;
    const hasMoved = await move(transaction, world, { ...step, event });
    assert(hasMoved, `expected fill ${row.fillId} to be booked: ${draft.quarantine ?? ''}`);
    rows.push(row);
  }
  if (plan.reversed.length > 0) await rebookFills(transaction, draft.order.intent.symbol, rows);
  else for (const row of rows) await bookFill(transaction, draft.order, row);
  tellAudit(transaction, world, { clientOrderId: evidence.clientOrderId, cause, rows });
  if (cause !== 'explained') await alertPeople(transaction, world, { step, cause, rows });
}

function intervalOf(
  fill: FillRow,
): Pick<FillRow, 'cumulativeBefore' | 'cumulativeAfter' | 'price' | 'notional'> {
  const { cumulativeBefore, cumulativeAfter, price, notional } = fill;
  return { cumulativeBefore, cumulativeAfter, price, notional };
}

function tellAudit(
  transaction: BooksTransaction,
  world: World,
  told: {
    readonly clientOrderId: string;
    readonly cause: ChangeCause;
    readonly rows: readonly FillRow[];
  },
): void {
  transaction.audit({
    actor: 'ordinis',
    kind: 'fills_changed',
    entity: told.clientOrderId,
    body: JSON.stringify({ cause: told.cause, fills: told.rows.map((row) => row.fillId) }),
    atWallMs: world.wallClock.nowMs(),
  });
}

const TITLES: Readonly<Record<Exclude<ChangeCause, 'explained'>, string>> = {
  busted: 'The broker took a trade back',
  corrected: 'The broker corrected a trade',
  gone: 'The broker no longer shows a trade',
};

async function alertPeople(
  transaction: BooksTransaction,
  world: World,
  told: {
    readonly step: Step;
    readonly cause: Exclude<ChangeCause, 'explained'>;
    readonly rows: readonly FillRow[];
  },
): Promise<void> {
  const { clientOrderId, symbol } = told.step.draft.order.intent;
  const [first] = told.rows;
  assert(first !== undefined, `expected a fill of ${clientOrderId} to change`);
  await transaction.alerts.record({
    alertId: `fills-changed/${first.fillId}`,
    type: 'position_reconciliation',
    severity: 'critical',
    title: `${TITLES[told.cause]}: ${symbol}`,
    message: `order ${clientOrderId}: ${told.rows.map(describe).join(', ')}`,
    metadata: JSON.stringify({ clientOrderId, symbol, cause: told.cause }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

function describe({ kind, cumulativeBefore, cumulativeAfter, price }: FillRow): string {
  const interval = `(${formatQuantity(cumulativeBefore)}, ${formatQuantity(cumulativeAfter)}]`;
  const word = kind === 'reversal' ? 'taken back' : kind === 'inferred' ? 'inferred' : 'booked';
  return `${interval} at ${formatPrice(price)} ${word}`;
}
