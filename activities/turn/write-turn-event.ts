import type { AlertRow, BooksTransaction } from '../../adapters/store/port.js';
import type { OrderIntent } from '../../domain/order/index.js';
import { applyTurnEvent, type Turn, type TurnEvent } from '../../domain/turn/index.js';
import { assert } from '../../domain/values/index.js';
import { newOrderInput, postStart } from '../order/driver-input.js';
import type { World } from '../world.js';
import { describeTurn, turnSentence } from './turn-view.js';

/**
 * Writes a decision about a turn: the turn as it is now, the start of the orders that it asks for,
 * the alert and the audit line, in the caller's transaction. What it posts is delivered, whatever
 * dies in between.
 */
export async function writeTurnEvent(
  transaction: BooksTransaction,
  world: World,
  move: {
    readonly turn: Turn;
    readonly event: TurnEvent;
    readonly asks: readonly OrderIntent[];
  },
): Promise<Turn> {
  const { turn: before, event, asks } = move;
  const { turnId } = before.plan;
  const applied = applyTurnEvent(before, event, world.marketClock.nowMs());
  assert(
    applied.outcome !== 'impossible',
    `turn ${turnId}: ${event.kind} in state ${before.progress.state} cannot be`,
  );
  if (applied.outcome === 'repeated') return before;
  const { turn } = applied;
  await transaction.turns.update(turn, before.version);
  for (const intent of asks) await askForOrder(transaction, world, { intent, turnId });
  transaction.audit({
    actor: turn.plan.entry.strategy,
    kind: 'turn_changed',
    entity: turnId,
    body: JSON.stringify({ from: before.progress.state, event }),
    atWallMs: world.wallClock.nowMs(),
  });
  const alert = alertOf(turn, event);
  if (alert !== null) await recordAlert(transaction, world, { turn, alert });
  return turn;
}

async function askForOrder(
  transaction: BooksTransaction,
  world: World,
  { intent, turnId }: { readonly intent: OrderIntent; readonly turnId: string },
): Promise<void> {
  await postStart(transaction, newOrderInput(world, { intent, correlationId: turnId }));
}

type Told = Pick<AlertRow, 'type' | 'severity' | 'title' | 'message'>;

/** What a person is told of a step; null: nothing that the orders themselves do not tell. */
function alertOf(turn: Turn, event: TurnEvent): Told | null {
  const subject = turnSentence(turn);
  const message = describeTurn(turn);
  switch (event.kind) {
    case 'gap_told':
      return {
        type: 'risk_breach',
        severity: 'critical',
        title: `${subject}: the position is without its protection`,
        message: `${message}; it is neither closed nor protected in time`,
      };
    case 'left_bare':
      return {
        type: 'risk_breach',
        severity: 'critical',
        title: `${subject}: the position is left without its protection`,
        message,
      };
    case 'position_kept':
      return { type: 'custom', severity: 'warning', title: `${subject}: not turned`, message };
    case 'entry_dropped':
      return { type: 'custom', severity: 'warning', title: `${subject}: closed only`, message };
    case 'entry_filled':
      return { type: 'custom', severity: 'info', title: `${subject}: turned`, message };
    default:
      return null;
  }
}

async function recordAlert(
  transaction: BooksTransaction,
  world: World,
  { turn, alert }: { readonly turn: Turn; readonly alert: Told },
): Promise<void> {
  const { turnId, entry } = turn.plan;
  await transaction.alerts.record({
    ...alert,
    alertId: `turn/${turnId}/${turn.version}`,
    metadata: JSON.stringify({ turnId, symbol: entry.symbol, strategy: entry.strategy }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}
