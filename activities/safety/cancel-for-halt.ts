import { isBrokerFailure } from '../../adapters/broker/errors.js';
import type { Broker, BrokerOrder, CancelOutcome } from '../../adapters/broker/port.js';
import { type OpenOrderAtBroker, exposureRaisers } from '../../domain/safety/exposure-raisers.js';
import type { CancelPolicy } from '../../domain/safety/halt-request.js';
import { quantity } from '../../domain/values/index.js';
import { certainRaisers } from './certain-raisers.js';
import type { HaltWorld } from './engage-halt.js';

/** More lines than this go out as one bulk request, where everything goes. */
const SINGLE_CANCELS_MAX = 10;
/** Side by side, so that one that hangs holds up none of the others. */
const CANCELS_AT_ONCE = 100;
const REQUESTED: CancelOutcome = { kind: 'requested' };

/** One order that the broker was asked to cancel. */
export interface AskedCancel {
  readonly brokerOrderId: string;
  readonly outcome: CancelOutcome;
  /** With everything that was open, by one request that names no order. */
  readonly inBulk: boolean;
}

export interface CancelReport {
  /** Null: the broker's list could not be read. */
  readonly open: number | null;
  /** Null: nobody looked, since everything was to go, or since it could not be read. */
  readonly raisers: number | null;
  readonly requested: number;
  readonly failed: readonly string[];
  readonly asked: readonly AskedCancel[];
  /** One request took everything that was open; `asked` is only what was asked for beside it. */
  readonly isUnnamed: boolean;
}

/** How far a cancel got. */
export interface CancelAttempt {
  /** Null: nothing was read, and nothing was asked. */
  readonly report: CancelReport | null;
  /** What the policy wants gone, of what the broker showed. */
  readonly targets: readonly OpenOrderAtBroker[];
  /** What kept something from being asked: the caller notes what was, and tries again. */
  readonly failure: Error | null;
}

type CancelWorld = Pick<HaltWorld, 'account' | 'books'> & { readonly broker: Broker };
type Target = Pick<OpenOrderAtBroker, 'brokerOrderId'>;
type Asked = Pick<CancelReport, 'requested' | 'failed' | 'asked'> & Pick<CancelAttempt, 'failure'>;

/**
 * Cancels for a halt that begins. `cancel-all` is one request that waits for no list; else, and
 * where that request fails, what the broker shows is canceled.
 */
export async function cancelForHalt(
  world: CancelWorld,
  policy: CancelPolicy,
): Promise<CancelAttempt> {
  const bulk = policy === 'cancel-all' ? await askForAll(world.broker) : null;
  if (bulk === null || bulk instanceof Error) return cancelShown(world, policy);
  const { failure, ...residue } = await cancelEach(world.broker, namedBy(bulk));
  const requested = bulk.requested + residue.requested;
  const open = bulk.requested + bulk.failedBrokerOrderIds.length;
  const report = { ...residue, open, raisers: null, requested, isUnnamed: true };
  return { report, targets: [], failure };
}

/**
 * Cancels at the broker what the policy wants gone: by default what can raise exposure, judged by
 * the broker's own orders and positions, never by our list, which may lack an order. `cancel-all`
 * takes everything; `none` only counts. Where the broker cannot be read, what certainly can raise
 * exposure goes, and the rest is left to another attempt.
 */
export async function cancelShown(
  world: CancelWorld,
  policy: CancelPolicy,
): Promise<CancelAttempt> {
  const shown = await shownOrFailure(world);
  if (shown instanceof Error) return cancelUnseen(world, policy, shown);
  const { open, raisers } = shown;
  const targets = targetsOf(shown, policy);
  const isInBulk = targets.length === open.length && targets.length > SINGLE_CANCELS_MAX;
  const { failure, ...asked } = isInBulk
    ? await cancelInBulk(world.broker, targets)
    : await cancelEach(world.broker, targets);
  const counts = { open: open.length, raisers: raisers.length, isUnnamed: false };
  return { report: { ...counts, ...asked }, targets, failure };
}

/** The open orders at the broker that the policy wants gone. */
export async function targetsAtBroker(
  world: Pick<CancelWorld, 'broker'>,
  policy: CancelPolicy,
): Promise<readonly OpenOrderAtBroker[]> {
  return targetsOf(await shownAtBroker(world), policy);
}

/** The open orders at the broker that can raise exposure now. */
export function raisersAtBroker(
  world: Pick<CancelWorld, 'broker'>,
): Promise<readonly OpenOrderAtBroker[]> {
  return targetsAtBroker(world, 'keep-protection');
}

interface Shown {
  readonly open: readonly OpenOrderAtBroker[];
  readonly raisers: readonly OpenOrderAtBroker[];
}

function targetsOf({ open, raisers }: Shown, policy: CancelPolicy): readonly OpenOrderAtBroker[] {
  switch (policy) {
    case 'cancel-all':
      return open;
    case 'keep-protection':
      return raisers;
    case 'none':
      return [];
  }
}

async function shownAtBroker({ broker }: Pick<CancelWorld, 'broker'>): Promise<Shown> {
  const open = (await broker.openOrders('halt')).map(asOpenOrder);
  if (open.length === 0) return { open, raisers: [] };
  const positions = await broker.positions('halt');
  const units = new Map(
    positions.map((position) => [
      position.symbol,
      position.side === 'short' ? -position.quantity : position.quantity,
    ]),
  );
  return { open, raisers: exposureRaisers(open, units) };
}

async function shownOrFailure(world: CancelWorld): Promise<Shown | Error> {
  try {
    return await shownAtBroker(world);
  } catch (error) {
    if (isBrokerFailure(error)) return error;
    throw error;
  }
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

/** The broker does not show what is open, or what is held. */
async function cancelUnseen(
  world: CancelWorld,
  policy: CancelPolicy,
  failure: Error,
): Promise<CancelAttempt> {
  // Books that cannot be read either know nothing for certain, and the failure says what to repeat.
  const [known] = await Promise.allSettled([policy === 'none' ? [] : certainRaisers(world)]);
  const certain = known.status === 'fulfilled' ? known.value : [];
  if (certain.length === 0) return { report: null, targets: [], failure };
  const { requested, failed, asked } = await cancelEach(world.broker, certain);
  const counts = { open: null, raisers: null, isUnnamed: false };
  return { report: { requested, failed, asked, ...counts }, targets: [], failure };
}

type Bulk = Awaited<ReturnType<Broker['cancelAllOrders']>>;

async function askForAll(broker: Broker): Promise<Bulk | Error> {
  try {
    return await broker.cancelAllOrders();
  } catch (error) {
    if (isBrokerFailure(error)) return error;
    throw error;
  }
}

/** What one request does not take is asked for one by one. */
async function cancelInBulk(broker: Broker, targets: readonly Target[]): Promise<Asked> {
  const bulk = await askForAll(broker);
  if (bulk instanceof Error) return cancelEach(broker, targets);
  const failed = new Set(bulk.failedBrokerOrderIds);
  const residue = await cancelEach(broker, namedBy(bulk));
  const taken = targets
    .filter(({ brokerOrderId }) => !failed.has(brokerOrderId))
    .map(({ brokerOrderId }) => ({ brokerOrderId, outcome: REQUESTED, inBulk: true }));
  return {
    ...residue,
    requested: bulk.requested + residue.requested,
    asked: [...taken, ...residue.asked],
  };
}

/** The lines of a bulk cancel that it did not take. */
function namedBy({ failedBrokerOrderIds }: Bulk): readonly Target[] {
  return failedBrokerOrderIds.map((brokerOrderId) => ({ brokerOrderId }));
}

/** Every one is asked for, whatever becomes of the others. */
async function cancelEach(broker: Broker, targets: readonly Target[]): Promise<Asked> {
  const answers: (AskedCancel | NotAsked)[] = [];
  for (let first = 0; first < targets.length; first += CANCELS_AT_ONCE) {
    const some = targets.slice(first, first + CANCELS_AT_ONCE);
    answers.push(...(await Promise.all(some.map((target) => cancelOne(broker, target)))));
  }
  const asked = answers.filter((answer) => 'outcome' in answer);
  const notAsked = answers.filter((answer) => 'failure' in answer);
  const failed = answers.filter((answer) => 'failure' in answer || !isTaken(answer.outcome));
  return {
    requested: answers.length - failed.length,
    failed: failed.map(({ brokerOrderId }) => brokerOrderId),
    asked,
    failure: notAsked[0]?.failure ?? null,
  };
}

/** The broker did not take the request: a 429, refused keys. */
interface NotAsked extends Target {
  readonly failure: Error;
}

async function cancelOne(
  broker: Broker,
  { brokerOrderId }: Target,
): Promise<AskedCancel | NotAsked> {
  try {
    return { brokerOrderId, outcome: await broker.cancelOrder(brokerOrderId), inBulk: false };
  } catch (error) {
    if (isBrokerFailure(error)) return { brokerOrderId, failure: error };
    throw error;
  }
}

function isTaken({ kind }: AskedCancel['outcome']): boolean {
  return kind === 'requested' || kind === 'not_cancelable';
}
