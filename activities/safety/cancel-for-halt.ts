import type { Broker, BrokerOrder } from '../../adapters/broker/port.js';
import { type OpenOrderAtBroker, exposureRaisers } from '../../domain/safety/exposure-raisers.js';
import type { CancelPolicy } from '../../domain/safety/halt-request.js';
import { quantity } from '../../domain/values/index.js';

/** More lines than this go out as one bulk request, where everything goes. */
const SINGLE_CANCELS_MAX = 10;

export interface CancelReport {
  readonly open: number;
  readonly raisers: number;
  readonly requested: number;
  readonly failed: readonly string[];
}

/**
 * Cancels at the broker what can raise exposure, judged by the broker's own orders and positions:
 * never by our list, which may lack an order. `cancel-all` takes everything; `none` only counts.
 */
export async function cancelForHalt(
  world: { readonly broker: Broker },
  policy: CancelPolicy,
): Promise<CancelReport> {
  const open = await world.broker.openOrders();
  const raisers = await raisersOf(world, open);
  const targets = policy === 'cancel-all' ? open.map(asOpenOrder) : raisers;
  if (policy === 'none' || targets.length === 0) {
    return { open: open.length, raisers: raisers.length, requested: 0, failed: [] };
  }
  const isEverything = targets.length === open.length;
  const result =
    isEverything && targets.length > SINGLE_CANCELS_MAX
      ? await cancelInBulk(world.broker)
      : await cancelOneByOne(world.broker, targets);
  return { open: open.length, raisers: raisers.length, ...result };
}

/** The open orders at the broker that can raise exposure now. */
export async function raisersAtBroker(world: {
  readonly broker: Broker;
}): Promise<readonly OpenOrderAtBroker[]> {
  return raisersOf(world, await world.broker.openOrders());
}

async function raisersOf(
  world: { readonly broker: Broker },
  open: readonly BrokerOrder[],
): Promise<readonly OpenOrderAtBroker[]> {
  if (open.length === 0) return [];
  const positions = await world.broker.positions();
  const units = new Map(
    positions.map((position) => [
      position.symbol,
      position.side === 'short' ? -position.quantity : position.quantity,
    ]),
  );
  return exposureRaisers(open.map(asOpenOrder), units);
}

function asOpenOrder(order: BrokerOrder): OpenOrderAtBroker {
  const remaining =
    order.quantity === null ? null : quantity(Math.max(0, order.quantity - order.filledQuantity));
  return {
    brokerOrderId: order.brokerOrderId,
    symbol: order.symbol,
    side: order.side,
    remaining,
    isHeld: order.status === 'held',
  };
}

async function cancelInBulk(
  broker: Broker,
): Promise<{ readonly requested: number; readonly failed: readonly string[] }> {
  const bulk = await broker.cancelAllOrders();
  const residue = await cancelOneByOne(
    broker,
    bulk.failedBrokerOrderIds.map((brokerOrderId) => ({ brokerOrderId })),
  );
  return { requested: bulk.requested + residue.requested, failed: residue.failed };
}

async function cancelOneByOne(
  broker: Broker,
  targets: readonly { readonly brokerOrderId: string }[],
): Promise<{ readonly requested: number; readonly failed: readonly string[] }> {
  const failed: string[] = [];
  for (const { brokerOrderId } of targets) {
    const outcome = await broker.cancelOrder(brokerOrderId);
    const isTaken = outcome.kind === 'requested' || outcome.kind === 'not_cancelable';
    if (!isTaken) failed.push(brokerOrderId);
  }
  return { requested: targets.length - failed.length, failed };
}
