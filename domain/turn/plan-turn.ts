import { deriveClientOrderId } from '../order/index.js';
import type { PlanContext } from '../signal/index.js';
import { NO_EXITS, planOrder, type TurnSignal } from '../signal/index.js';
import { assert, epochMs } from '../values/index.js';
import { entryLegOf, isTurnLeg } from './turn-orders.js';
import type { Turn } from './turn.js';

/**
 * How long, in market time, the entry of a turn may wait: longer than a plain wish, since cancel
 * and exit come before it, and short enough that nobody opens a side on an opinion of long ago.
 */
export const TURN_VALID_MS = 180_000;

/**
 * Sizes a signal that turns a position into a plan, with the ids of everything that it will send.
 * Equal decisions give equal plans. Null: there is nothing to plan, because the wanted side is held
 * already or the size comes to nothing.
 */
export function planTurn(signal: TurnSignal, context: PlanContext): Turn | null {
  const { leg, side, symbol } = signal;
  assert(isTurnLeg(leg), `expected one to four of a-z and 0-9 as the leg of a turn, found ${leg}`);
  const fromSide = side === 'sell' ? 'long' : 'short';
  const isWantedSideHeld = context.position.side !== 'flat' && context.position.side !== fromSide;
  if (isWantedSideHeld) return null;
  const entry = planOrder(
    { ...signal, ...NO_EXITS, kind: 'order', leg: entryLegOf(leg), purpose: 'entry' },
    context,
  );
  if (entry === null) return null;
  const { strategy, decidedAtMs } = context;
  return {
    plan: {
      turnId: deriveClientOrderId({ strategy, symbol, decidedAtMs, leg }),
      leg,
      fromSide,
      entry: { ...entry, validUntilMs: epochMs(decidedAtMs + TURN_VALID_MS) },
    },
    version: 1,
    progress: { state: 'planned' },
    history: [{ state: 'planned', atMs: decidedAtMs }],
    createdAtMs: decidedAtMs,
    updatedAtMs: decidedAtMs,
  };
}
