import type {
  AccountRow,
  BooksReader,
  HaltCauseRow,
  OrderRow,
  PositionRow,
  ReconciliationRunRow,
  SystemStateRow,
  TurnRow,
} from '../adapters/store/port.js';
import {
  addUsd,
  negateUsd,
  notionalRounded,
  subtractUsd,
  type Usd,
  ZERO_USD,
} from '../domain/values/index.js';
import { OPEN_STATES, OPEN_TURN_STATES } from '../workers/reference.js';

/** The books at one moment, for the live view and for `status`. */
export interface BooksSnapshot {
  readonly account: AccountRow;
  readonly system: SystemStateRow | null;
  readonly positions: readonly PositionRow[];
  readonly openOrders: readonly OrderRow[];
  /** Positions on their way through zero. */
  readonly openTurns: readonly TurnRow[];
  readonly haltCauses: readonly HaltCauseRow[];
  readonly lastReconciliation: ReconciliationRunRow | null;
}

/** Reads what a person wants to see at a glance; null when the account is not there yet. */
export async function readSnapshot(reader: BooksReader): Promise<BooksSnapshot | null> {
  const account = await reader.account();
  if (account === null) return null;
  const [system, positions, openOrders, openTurns, haltCauses, runs] = await Promise.all([
    reader.systemState.get(),
    reader.positions.active(),
    reader.orders.inStates(OPEN_STATES),
    reader.turns.inStates(OPEN_TURN_STATES),
    reader.halts.openCauses(),
    reader.reconciliation.recentRuns(1),
  ]);
  const lastReconciliation = runs[0] ?? null;
  return { account, system, positions, openOrders, openTurns, haltCauses, lastReconciliation };
}

/** What an open position would bring now, at its last price; null where no price is known. */
export function unrealizedOf(position: PositionRow): Usd | null {
  if (position.side === 'flat') return ZERO_USD;
  if (position.lastPrice === null) return null;
  const value = notionalRounded(position.lastPrice, position.quantity);
  return position.side === 'long'
    ? subtractUsd(value, position.costBasis)
    : subtractUsd(position.costBasis, value);
}

/** Cash and everything held at its last price; null when one price is unknown: never guessed. */
export function equityOf({ account, positions }: BooksSnapshot): Usd | null {
  const values: Usd[] = [];
  for (const position of positions) {
    if (position.side === 'flat') continue;
    if (position.lastPrice === null) return null;
    const value = notionalRounded(position.lastPrice, position.quantity);
    values.push(position.side === 'long' ? value : negateUsd(value));
  }
  return addUsd(account.cash, ...values);
}

/** The unrealised profit of all positions; null when one price is unknown. */
export function totalUnrealized(positions: readonly PositionRow[]): Usd | null {
  const parts = positions.map((position) => unrealizedOf(position));
  const known = parts.filter((part) => part !== null);
  return known.length === parts.length ? addUsd(...known) : null;
}
