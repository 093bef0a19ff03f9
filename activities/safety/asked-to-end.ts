import type { OrderEventRow, OrderRow } from '../../adapters/store/port.js';
import type { CancelOutcome } from '../../adapters/broker/port.js';
import { isClosed, stateOf } from '../../domain/order/index.js';
import { INTENT_VALID_MS } from '../../domain/signal/index.js';
import type { ReplaceRequest } from '../../workflows/contract/index.js';
import { isCancelFor, revisionsOf } from '../order/revisions.js';
import type { World } from '../world.js';

/**
 * Ids of exits that one of us has ended: asked to cancel, or gone with their group, with one of it
 * that was asked to, or in the place of the exit that filled.
 */
export async function askedToEnd(
  world: World,
  rows: readonly OrderRow[],
): Promise<ReadonlySet<string>> {
  const groups = new Set<string>();
  for (const row of rows) {
    const { intent, progress } = row.order;
    if (intent.purpose !== 'exit' || progress.state !== 'canceled') continue;
    if ((await isCanceledByUs(world, row)) || (await hasFilledExit(world, row))) {
      groups.add(groupOf(row));
    }
  }
  const ended = rows.filter((row) => groups.has(groupOf(row)));
  return new Set(ended.map(({ order }) => order.intent.clientOrderId));
}

/**
 * Whether a canceled order went by our own wish: by the last cancel that was asked for, unless the
 * broker has turned that down. A cancel that makes way for an order of the rest is a wish for that
 * order: without it the protection is lost.
 */
async function isCanceledByUs(world: World, row: OrderRow): Promise<boolean> {
  const history = await world.reader.orders.eventsOf(row.order.intent.clientOrderId);
  const down = history.findLastIndex((line, at) => isTurnedDown(line, history.slice(at + 1)));
  const asked = history.slice(down + 1).filter(isAsked);
  const last = asked.at(-1);
  if (last?.kind !== 'cancel_requested') return false;
  const before = asked.at(-2);
  if (before?.kind !== 'rest_wanted') return true;
  const request = JSON.parse(before.detail) as ReplaceRequest;
  return !isCancelFor(request, last) || isInPlace(world, row, request);
}

/** What was asked for after the order had ended has not ended it. */
function isAsked({ kind, fromState }: OrderEventRow): boolean {
  if (kind === 'rest_wanted') return true;
  return kind === 'cancel_requested' && fromState !== null && !isClosed(fromState);
}

/**
 * Whether the broker has turned a cancel down, with what came after its word. While a cancel is
 * pending, another one finds nothing to do: that answers the second one only.
 */
function isTurnedDown(line: OrderEventRow, after: readonly OrderEventRow[]): boolean {
  const { kind, fromState, detail } = line;
  if (kind === 'cancel_rejected') return true;
  if (kind !== 'cancel_answered' || fromState === 'pending_cancel') return false;
  const answer = (JSON.parse(detail) as CancelOutcome).kind;
  const isNo = answer === 'not_cancelable' || answer === 'not_found';
  return isNo && !after.some((later) => isOfEarlierCancel(line, later));
}

/** The frames of a cancel that was taken lag its answer by seconds, never by more than this. */
const LAG_MS_MAX = 60_000;

/**
 * A no that the order does not outlive came too late: an earlier cancel, whose answer was lost, was
 * taken.
 */
function isOfEarlierCancel(no: OrderEventRow, later: OrderEventRow): boolean {
  const { fromState, toState, recordedAtWallMs } = later;
  const isEnding = toState === 'pending_cancel' || toState === 'canceled';
  const isSoon = recordedAtWallMs - no.recordedAtWallMs < LAG_MS_MAX;
  return isEnding && fromState !== toState && isSoon;
}

/** Whether the order of the rest was taken in the place of this one, or may still come. */
async function isInPlace(world: World, row: OrderRow, request: ReplaceRequest): Promise<boolean> {
  const { rest } = await revisionsOf(world, row, request);
  if (rest !== null) return stateOf(rest.order) !== 'denied';
  return world.marketClock.nowMs() <= request.decidedAtMs + INTENT_VALID_MS;
}

/** Whether another exit of the order's group has filled. */
async function hasFilledExit(world: World, row: OrderRow): Promise<boolean> {
  if (row.order.intent.orderClass === 'simple') return false;
  const root = await world.reader.orders.byClientOrderId(groupOf(row));
  const legs = await world.reader.orders.legsOf(groupOf(row));
  const members = root === null ? legs : [root, ...legs];
  return members.some(
    ({ order }) => order.intent.purpose === 'exit' && order.progress.state === 'filled',
  );
}

/** The order that a group hangs on; of an order that stands alone, itself. */
function groupOf({ parent, order }: OrderRow): string {
  return parent ?? order.intent.clientOrderId;
}
