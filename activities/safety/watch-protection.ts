import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  deriveClientOrderId,
  OPEN_STATES,
  type Order,
  type OrderIntent,
  type OrderState,
  WITHOUT_EXITS,
} from '../../domain/order/index.js';
import { type LostProtection, lostProtection } from '../../domain/safety/protection.js';
import type { DenyCode } from '../../domain/risk/index.js';
import { epochMs, formatQuantity, NANOS_PER_UNIT } from '../../domain/values/index.js';
import type { OrderInput } from '../../workflows/contract/order.js';
import { EXTERNAL_STRATEGY } from '../reconciliation/adopt-external-order.js';
import type { World } from '../world.js';
import { newOrderInput, postStart } from '../order/driver-input.js';
import { askedToEnd } from './asked-to-end.js';

/** An open order, or one that ended without its quantity. */
const LOOKED_AT: readonly OrderState[] = [
  ...OPEN_STATES,
  'expired',
  'canceled',
  'refused',
  'abandoned',
];
/** A protection that is put back after the close must live until the next open. */
const VALID_MS = 4 * 24 * 3_600_000;
/** What the broker refuses or takes away so often in a row it will not take a minute later. */
const IN_VAIN_MAX = 3;

/**
 * Looks for positions whose stop or take-profit has expired or vanished, and tells a person, once
 * for each order that was lost. By policy it is put back with what the position is now, good until
 * canceled, under an id that follows from the lost one: asked again, it is the same order. What the
 * broker has refused or taken away three times in a row is not put back: a person must look.
 */
export async function watchProtection(
  world: World,
  isLeftOut: (symbol: string) => boolean = () => false,
): Promise<readonly LostProtection[]> {
  const found: LostProtection[] = [];
  for (const position of await world.reader.positions.active()) {
    if (isLeftOut(position.symbol)) continue;
    const rows = await world.reader.orders.inStates(LOOKED_AT, position.symbol);
    const asked = await askedToEnd(world, rows);
    const orders = rows.map(({ order }) => order);
    const isAsked = ({ intent }: Order): boolean => asked.has(intent.clientOrderId);
    found.push(...lostProtection(position, orders, isAsked));
  }
  for (const one of found) await act(world, one);
  return found;
}

async function act(world: World, lost: LostProtection): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const rearming = await nextAttempt(transaction, world, lost);
    if (rearming === 'put_back') return;
    const told = await tell(transaction, world, { lost, rearming });
    if (rearming === null || told === 'repeated') return;
    const { input } = rearming;
    await postStart(transaction, input);
    transaction.audit({
      actor: 'ordinis',
      kind: 'protection_rearmed',
      entity: input.intent.clientOrderId,
      body: JSON.stringify({ lost: lost.lost.intent.clientOrderId, kind: lost.kind }),
      atWallMs: world.wallClock.nowMs(),
    });
  });
}

interface Rearming {
  readonly input: OrderInput;
  /** From 1. */
  readonly attempt: number;
}

/** Denials that say nothing about the protection itself: it is asked for again. */
const PASSING: readonly DenyCode[] = ['halted', 'intent_expired'];

/**
 * The order that puts the protection back: one at a time, and another one only after a denial that
 * has passed. Null: by policy, while halted, or since it was not ours, a person decides.
 */
async function nextAttempt(
  transaction: BooksTransaction,
  world: World,
  lost: LostProtection,
): Promise<Rearming | 'put_back' | null> {
  for (let attempt = 1; ; attempt += 1) {
    const input = rearmingInput(world, lost, attempt);
    if (input === null) return null;
    const known = await transaction.orders.byClientOrderId(input.intent.clientOrderId);
    if (known === null) {
      return transaction.account.get().haltMode === 'halted' ? null : { input, attempt };
    }
    if (!isDeniedInPassing(known)) return 'put_back';
  }
}

function isDeniedInPassing({ order: { progress } }: OrderRow): boolean {
  return progress.state === 'denied' && (PASSING as readonly string[]).includes(progress.code);
}

/**
 * The id follows from the end of the lost order and the number of the attempt, a millisecond each.
 * Null: by policy, since it was not ours, or since it was in vain, a person decides.
 */
function rearmingInput(
  world: World,
  { lost, uncovered, inVain }: LostProtection,
  attempt: number,
): OrderInput | null {
  const { intent, updatedAtMs } = lost;
  if (world.settings.protection === 'alert' || intent.strategy === EXTERNAL_STRATEGY) return null;
  if (inVain >= IN_VAIN_MAX) return null;
  const { strategy, symbol, leg } = intent;
  const decidedAtMs = world.marketClock.nowMs();
  const isWhole = uncovered % NANOS_PER_UNIT === 0;
  const rearming: OrderIntent = {
    ...intent,
    // What was a leg of a group stands alone when it is put back.
    ...WITHOUT_EXITS,
    clientOrderId: deriveClientOrderId({
      strategy,
      symbol,
      decidedAtMs: epochMs(updatedAtMs + attempt - 1),
      leg,
    }),
    quantity: uncovered,
    amount: null,
    timeInForce: isWhole ? 'gtc' : 'day',
    decidedAtMs,
    validUntilMs: epochMs(decidedAtMs + VALID_MS),
    reason: `protection lost with ${intent.clientOrderId}, put back`,
  };
  return newOrderInput(world, { intent: rearming, correlationId: rearming.clientOrderId });
}

async function tell(
  transaction: BooksTransaction,
  world: World,
  { lost, rearming }: { readonly lost: LostProtection; readonly rearming: Rearming | null },
): Promise<'recorded' | 'repeated'> {
  const { symbol, kind, uncovered } = lost;
  const { clientOrderId } = lost.lost.intent;
  const units = formatQuantity(uncovered);
  const attempt = rearming === null ? '' : `/put-back-${rearming.attempt}`;
  return transaction.alerts.record({
    alertId: `protection-lost/${clientOrderId}${attempt}`,
    type: 'risk_breach',
    severity: 'critical',
    title: `${symbol} has lost its ${kind === 'stop' ? 'stop' : 'take-profit'}`,
    message:
      `order ${clientOrderId} is ${lost.lost.progress.state}, ${units} ${symbol} stand ` +
      `without it; ${rearming !== null ? 'it is put back' : whatToDo(lost)}`,
    metadata: JSON.stringify({ clientOrderId, symbol, kind }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

function whatToDo({ inVain }: LostProtection): string {
  const why = inVain >= IN_VAIN_MAX ? `${inVain} in a row were in vain: ` : '';
  return `${why}put it back, or close the position`;
}
