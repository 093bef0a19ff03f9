import type { BooksTransaction } from '../../adapters/store/port.js';
import {
  deriveClientOrderId,
  OPEN_STATES,
  type Order,
  type OrderIntent,
  type OrderProgress,
  type OrderState,
  remainingOf,
  WITHOUT_EXITS,
} from '../../domain/order/index.js';
import { type LostProtection, lostProtection } from '../../domain/safety/protection.js';
import type { DenyCode } from '../../domain/risk/index.js';
import { epochMs, formatQuantity, NANOS_PER_UNIT, quantity } from '../../domain/values/index.js';
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
 * for each order that was lost. By policy it is put back for what no other exit holds, good until
 * canceled, under an id that follows from the lost one: asked again, it is the same order. What the
 * broker has refused or taken away three times in a row, what our own rules deny, and a take-profit
 * whose units another exit holds are not put back: a person must look.
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
    const isAsked = ({ intent }: Order): boolean => asked.has(intent.clientOrderId);
    found.push(...lostProtection(position, rows, isAsked));
  }
  for (const one of found) await act(world, one);
  return found;
}

async function act(world: World, lost: LostProtection): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const next = await decideNext(transaction, world, lost);
    if (next.kind === 'none') return;
    const told = await tell(transaction, world, { lost, next });
    if (next.kind !== 'put_back' || told === 'repeated') return;
    const { input } = next;
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

/** What is done about a loss. All but the first are told, each once. */
type Next =
  /** It was put back. */
  | { readonly kind: 'none' }
  | { readonly kind: 'put_back'; readonly input: OrderInput; readonly attempt: number }
  /** Our own rules denied the order that was to put it back. */
  | { readonly kind: 'denied'; readonly denial: Denied; readonly attempt: number }
  /** Other exits come first: it could only turn the position. */
  | { readonly kind: 'behind_others' }
  /** By policy, while halted, since it was not ours or was in vain, a person decides. */
  | { readonly kind: 'left' };

type Denied = Extract<OrderProgress, { readonly state: 'denied' }>;

/** Denials that say nothing about the protection itself: it is asked for again. */
const PASSING: readonly DenyCode[] = ['halted', 'intent_expired'];

/**
 * Another order puts it back only after a denial that has passed, and for the units of a stop that
 * came free since: those that another exit had when the first one was sized.
 */
async function decideNext(
  transaction: BooksTransaction,
  world: World,
  loss: LostProtection,
): Promise<Next> {
  if (!isOursToPutBack(world, loss)) return { kind: 'left' };
  let given = 0;
  for (let attempt = 1; ; attempt += 1) {
    const left = leftToPutBack(loss, given);
    const input = rearmingInput(world, left, attempt);
    const known = await transaction.orders.byClientOrderId(input.intent.clientOrderId);
    if (known === null) {
      if (given > 0 && left.free === 0) return { kind: 'none' };
      if (await isBehindOthers(transaction, left)) return { kind: 'behind_others' };
      const { haltMode } = transaction.account.get();
      return haltMode === 'halted' ? { kind: 'left' } : { kind: 'put_back', input, attempt };
    }
    const { progress, intent } = known.order;
    if (progress.state !== 'denied') given += intent.quantity;
    else if (!hasPassed(progress)) return { kind: 'denied', denial: progress, attempt };
  }
}

/** What of a loss is still to be put back when so many units were: of a take-profit nothing. */
function leftToPutBack(loss: LostProtection, given: number): LostProtection {
  if (given === 0) return loss;
  const lost = loss.kind === 'stop' ? Math.max(0, remainingOf(loss.lost) - given) : 0;
  return { ...loss, free: quantity(Math.min(loss.free, lost)) };
}

function isOursToPutBack(world: World, { lost, inVain }: LostProtection): boolean {
  if (world.settings.protection === 'alert') return false;
  return lost.intent.strategy !== EXTERNAL_STRATEGY && inVain < IN_VAIN_MAX;
}

function hasPassed({ code }: Denied): boolean {
  return (PASSING as readonly string[]).includes(code);
}

/**
 * A stop waits for its units. A take-profit that came second stays with the person who was told:
 * whoever takes the other exit away may want its units for another one.
 */
async function isBehindOthers(
  transaction: BooksTransaction,
  loss: LostProtection,
): Promise<boolean> {
  if (loss.free === 0) return true;
  if (loss.kind === 'stop') return false;
  return (await transaction.alerts.byId(alertIdOf(loss, { kind: 'behind_others' }))) !== null;
}

/** The id follows from the end of the lost order and the number of the attempt, from 1. */
function rearmingInput(
  world: World,
  { lost: { intent, updatedAtMs }, free }: LostProtection,
  attempt: number,
): OrderInput {
  const { strategy, symbol, leg } = intent;
  const decidedAtMs = world.marketClock.nowMs();
  const isWhole = free % NANOS_PER_UNIT === 0;
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
    quantity: free,
    amount: null,
    timeInForce: isWhole ? 'gtc' : 'day',
    decidedAtMs,
    validUntilMs: epochMs(decidedAtMs + VALID_MS),
    reason: `protection lost with ${intent.clientOrderId}, put back`,
  };
  return newOrderInput(world, { intent: rearming, correlationId: rearming.clientOrderId });
}

type Told = Exclude<Next, { readonly kind: 'none' }>;

async function tell(
  transaction: BooksTransaction,
  world: World,
  { lost: loss, next }: { readonly lost: LostProtection; readonly next: Told },
): Promise<'recorded' | 'repeated'> {
  const { symbol, kind, lost, uncovered } = loss;
  const { clientOrderId } = lost.intent;
  return transaction.alerts.record({
    alertId: alertIdOf(loss, next),
    type: 'risk_breach',
    severity: 'critical',
    title: `${symbol} has lost its ${kind === 'stop' ? 'stop' : 'take-profit'}`,
    message:
      `order ${clientOrderId} is ${lost.progress.state}, ${formatQuantity(uncovered)} ${symbol} ` +
      `stand without it; ${whatNext(loss, next)}`,
    metadata: JSON.stringify({ clientOrderId, symbol, kind }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

function alertIdOf({ lost }: LostProtection, next: Told): string {
  const id = `protection-lost/${lost.intent.clientOrderId}`;
  switch (next.kind) {
    case 'put_back':
      return `${id}/put-back-${next.attempt}`;
    case 'denied':
      return `${id}/denied-${next.attempt}`;
    case 'behind_others':
      return `${id}/behind-others`;
    case 'left':
      return id;
  }
}

/** What is done about it, for people. */
function whatNext(loss: LostProtection, next: Told): string {
  const { uncovered, inVain } = loss;
  const choice = 'put it back, or close the position';
  switch (next.kind) {
    case 'put_back': {
      const units = next.input.intent.quantity;
      if (units === uncovered) return 'it is put back';
      return `it is put back for ${formatQuantity(units)}, ${othersAhead(loss)}`;
    }
    case 'denied':
      return `putting it back was denied, ${next.denial.code}: ${next.denial.message}; ${choice}`;
    case 'behind_others':
      return `it is not put back, ${othersAhead(loss)}`;
    case 'left':
      return inVain >= IN_VAIN_MAX ? `${inVain} in a row were in vain: ${choice}` : choice;
  }
}

function othersAhead({ ahead }: LostProtection): string {
  const named = ahead.map(({ intent, progress }) => `${intent.clientOrderId} (${progress.state})`);
  return `since other exits come first: ${named.join(', ')}; decide which are to stand`;
}
