import type { OrderEventRow, OrderRow } from '../../adapters/store/port.js';
import {
  type ClientOrderId,
  deriveRevisionId,
  type OrderChange,
  replacementIntent,
} from '../../domain/order/index.js';
import type { CancelRequest, ReplaceRequest } from '../../workflows/contract/index.js';
import type { World } from '../world.js';

/** What a request to replace an order has made so far. */
export interface Revisions {
  /** The order that was put in its place. */
  readonly replacement: OrderRow | null;
  /** A cancel was asked for, so that the rest can be ordered. */
  readonly isRestWanted: boolean;
  /** The order of the rest. */
  readonly rest: OrderRow | null;
  /** The id of the next order that the request makes. */
  readonly next: ClientOrderId;
}

/**
 * Finds what an earlier call with the same request has made: the ids of revisions are derived, and
 * its decision instant with what it changes tells one request from another.
 */
export async function revisionsOf(
  world: World,
  old: OrderRow,
  request: ReplaceRequest,
): Promise<Revisions> {
  const { clientOrderId } = old.order.intent;
  let replacement: OrderRow | null = null;
  let rest: OrderRow | null = null;
  for (let revision = 1; ; revision += 1) {
    const next = deriveRevisionId(clientOrderId, revision);
    const row = await world.reader.orders.byClientOrderId(next);
    if (row === null) {
      const isRestWanted =
        (await wantsRest(world, old, request)) ||
        (replacement !== null && (await wantsRest(world, replacement, request)));
      return { replacement, isRestWanted, rest, next };
    }
    if (next === clientOrderId || !isOfRequest(old, row, request)) continue;
    const isOfSize = row.order.intent.quantity === (request.quantity ?? old.order.orderedQuantity);
    if (row.replaces === clientOrderId && isOfSize) replacement = row;
    else if (row.replaces === null) rest = row;
  }
}

function isOfRequest(old: OrderRow, row: OrderRow, request: ReplaceRequest): boolean {
  const { intent } = row.order;
  const { clientOrderId, decidedAtMs, validUntilMs, reason } = intent;
  const as = { clientOrderId, decidedAtMs, validUntilMs, reason };
  const wanted = replacementIntent(old.order, request, as);
  return (
    intent.decidedAtMs === request.decidedAtMs &&
    intent.limitPrice === wanted.limitPrice &&
    intent.stopPrice === wanted.stopPrice &&
    intent.timeInForce === wanted.timeInForce
  );
}

async function wantsRest(world: World, row: OrderRow, request: ReplaceRequest): Promise<boolean> {
  const history = await world.reader.orders.eventsOf(row.order.intent.clientOrderId);
  return restsWanted(history).some((wish) => isSameRequest(wish, request));
}

type RestWish = OrderChange & Pick<ReplaceRequest, 'decidedAtMs'>;

/** The requests that were to order what an order leaves, by its history. */
export function restsWanted(
  history: readonly Pick<OrderEventRow, 'kind' | 'detail'>[],
): readonly RestWish[] {
  return history
    .filter(({ kind }) => kind === 'rest_wanted')
    .map(({ detail }) => JSON.parse(detail) as RestWish);
}

/** Whether a cancel is the one that makes way for the rest, and not somebody's wish for the end. */
export function isCancelFor(
  { requestedBy, reason }: Pick<ReplaceRequest, 'requestedBy' | 'reason'>,
  { detail }: Pick<OrderEventRow, 'detail'>,
): boolean {
  const cancel = JSON.parse(detail) as CancelRequest;
  return cancel.requestedBy === requestedBy && cancel.reason === reason;
}

/** Whether two are one request: its decision instant with what it changes tells it from others. */
export function isSameRequest(left: RestWish, right: RestWish): boolean {
  return (
    left.decidedAtMs === right.decidedAtMs &&
    left.quantity === right.quantity &&
    left.limitPrice === right.limitPrice &&
    left.stopPrice === right.stopPrice &&
    left.timeInForce === right.timeInForce
  );
}
