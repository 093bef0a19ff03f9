import type { Broker, BrokerOrder, CancelOutcome } from '../../adapters/broker/port.js';
import { type OpenOrderAtBroker, exposureRaisers } from '../../domain/safety/exposure-raisers.js';
import type { CancelPolicy } from '../../domain/safety/halt-request.js';
import { quantity } from '../../domain/values/index.js';

/** More lines than this go out as one bulk request, where everything goes. */
const SINGLE_CANCELS_MAX = 10;
const REQUESTED: CancelOutcome = { kind: 'requested' };

/** One order that the broker was asked to cancel. */
export interface AskedCancel {
  readonly brokerOrderId: string;
  readonly outcome: CancelOutcome;
  /** With everything that was open, by one request that names no order. */
  readonly inBulk: boolean;
}

export interface CancelReport {
  readonly open: number;
  readonly raisers: number;
  readonly requested: number;
  readonly failed: readonly string[];
  readonly asked: readonly AskedCancel[];
}

type Target = Pick<OpenOrderAtBroker, 'brokerOrderId'>;
type Asked = Pick<CancelReport, 'requested' | 'failed' | 'asked'>;

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
    return { open: open.length, raisers: raisers.length, requested: 0, failed: [], asked: [] };
  }
  const isEverything = targets.length === open.length;
  const result =
    isEverything && targets.length > SINGLE_CANCELS_MAX
      ? await cancelInBulk(world.broker, targets)
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

async function cancelInBulk(broker: Broker, targets: readonly Target[]): Promise<Asked> {
  const bulk = await broker.cancelAllOrders();
  const failed = new Set(bulk.failedBrokerOrderIds);
  const residue = await cancelOneByOne(
    broker,
    bulk.failedBrokerOrderIds.map((brokerOrderId) => ({ brokerOrderId })),
  );
  const taken = targets
    .filter(({ brokerOrderId }) => !failed.has(brokerOrderId))
    .map(({ brokerOrderId }) => ({ brokerOrderId, outcome: REQUESTED, inBulk: true }));
  return {
    ...residue,
    requested: bulk.requested + residue.requested,
    asked: [...taken, ...residue.asked],
  };
}

async function cancelOneByOne(broker: Broker, targets: readonly Target[]): Promise<Asked> {
  const asked: AskedCancel[] = [];
  for (const { brokerOrderId } of targets) {
    const outcome = await broker.cancelOrder(brokerOrderId);
    asked.push({ brokerOrderId, outcome, inBulk: false });
  }
  const failed = asked.filter(({ outcome }) => !isTaken(outcome));
  return {
    requested: asked.length - failed.length,
    failed: failed.map(({ brokerOrderId }) => brokerOrderId),
    asked,
  };
}

function isTaken({ kind }: AskedCancel['outcome']): boolean {
  return kind === 'requested' || kind === 'not_cancelable';
}
