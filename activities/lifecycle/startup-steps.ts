import { createHash } from 'node:crypto';
import { nextTradingEnd } from '../../domain/market/index.js';
import { brokerOrderIdOf, OPEN_STATES, type Order } from '../../domain/order/index.js';
import { type EpochMs, epochMs } from '../../domain/values/index.js';
import type { LifecycleInput, LifecycleStep } from '../../workflows/contract/lifecycle.js';
import { failure } from '../failure.js';
import { cancelOrder } from '../order/cancel-order.js';
import { reconcileBooks } from '../reconciliation/reconcile.js';
import { repairAll } from '../reconciliation/repair-all.js';
import { engageFileCauses } from '../safety/engage-file-causes.js';
import type { World } from '../world.js';
import { setSystemState, writeSystemState } from './system-state.js';

/** A step of a start that a newer start has replaced does nothing. */
export function supersededStep(
  world: World,
  input: LifecycleInput,
  name: string,
): LifecycleStep | null {
  if (input.bootEpoch === world.bootEpoch) return null;
  return { name, outcome: 'superseded', message: `start ${world.bootEpoch} has taken over` };
}

/**
 * (2) Halt causes and the kill file. A halted system still comes up, to reconcile and to cancel.
 */
export async function checkKillSwitch(world: World): Promise<string> {
  await setSystemState(world, 'starting', 'kill switch, reconciliation, components');
  await engageFileCauses(world);
  const causes = await world.reader.halts.openCauses();
  for (const { causeId, mode } of causes) {
    if (mode === 'halted') world.haltLatch.engage(causeId);
  }
  if (causes.length === 0) return 'no halt';
  return `halted by ${causes.map((cause) => cause.reason).join(', ')}`;
}

/**
 * (3) What the broker knows enters the books, then both are compared; critical differences halt.
 * Drivers come once the system runs: which of a thousand do takes Temporal a while to tell.
 */
export async function reconcileAtStartup(world: World): Promise<string> {
  const repaired = await repairAll(world);
  const stale = await cancelStaleOrders(world);
  const { account } = world;
  const result = await reconcileBooks(world, { account, trigger: 'startup' });
  // Orders that nobody can prove yet stay at their worst case, which the message names; the
  // schedule compares again.
  return `${result.message}; ${repaired.openAtBroker} open at the broker; ${stale}`;
}

/**
 * Day orders whose day is over: canceled at the broker where it knows them. One of Friday evening
 * is for Monday. An exit is left to end by itself: that is found, told and put back as protection
 * that was lost, and a cancel of ours would count as asked for.
 */
async function cancelStaleOrders(world: World): Promise<string> {
  const nowAtMs = world.marketClock.nowMs();
  const open = await world.reader.orders.inStates(OPEN_STATES);
  const stale = open.filter(
    ({ order }) =>
      order.intent.purpose !== 'exit' &&
      order.intent.timeInForce !== 'gtc' &&
      brokerOrderIdOf(order) !== null &&
      nowAtMs >= dayEndOf(order),
  );
  for (const { order } of stale) {
    const request = { requestedBy: 'startup', reason: 'a day order of an earlier day' };
    await cancelOrder(world, order.intent.clientOrderId, request);
  }
  const ids = stale.map(({ order }) => order.intent.clientOrderId);
  return ids.length === 0 ? 'no stale orders' : `stale orders canceled: ${ids.join(', ')}`;
}

function dayEndOf({ intent, createdAtMs }: Order): EpochMs {
  const orderedAtMs = epochMs(Math.max(intent.decidedAtMs, createdAtMs));
  return nextTradingEnd(orderedAtMs, intent.extendedHours ? 'extended' : 'regular');
}

/** (4) Assets, limits and configuration; then the workflows that everything else hangs on. */
export async function openComponents(world: World): Promise<string> {
  for (const symbol of world.settings.symbols) await loadInstrument(world, symbol);
  await world.books.transaction(world.account, async (transaction) => {
    if ((await transaction.limits()) === null) await transaction.putLimits(world.settings.limits);
    const body = JSON.stringify(world.settings);
    await transaction.recordConfigSnapshot({
      hash: createHash('sha256').update(body).digest('hex'),
      body,
      bootEpoch: world.bootEpoch,
      atWallMs: world.wallClock.nowMs(),
    });
  });
  await world.drivers.ensureEntities();
  await waitForLiveStream(world);
  return `${world.settings.symbols.length} instruments, stream live`;
}

/** Reads a symbol from the broker into the books; null: the broker does not list it. */
export async function loadInstrument(world: World, symbol: string): Promise<boolean> {
  const asset = await world.broker.asset(symbol);
  if (asset === null) return false;
  await world.books.transaction(world.account, async (transaction) => {
    const known = await transaction.instruments.bySymbol(symbol);
    await transaction.instruments.upsert({
      ...asset,
      parkedReason: known?.parkedReason ?? null,
      updatedAtWallMs: world.wallClock.nowMs(),
    });
  });
  return true;
}

const STREAM_WAIT_MS = 30_000;
/** The commit that says *live* ends the wait; this is for one that was missed. */
const STREAM_LOOK_MS = 500;

async function waitForLiveStream(world: World): Promise<void> {
  const deadlineMs = world.wallClock.monotonicMs() + STREAM_WAIT_MS;
  for (;;) {
    const changed = nextCommit(world, STREAM_LOOK_MS);
    const stream = await world.reader.streamState.get();
    if (stream?.status === 'live' && stream.bootEpoch === world.bootEpoch) return;
    if (world.wallClock.monotonicMs() > deadlineMs) {
      const found = stream === null ? 'nothing' : `${stream.status}: ${stream.message}`;
      throw failure('BrokerUnavailable', `expected a live trade updates stream, found ${found}`);
    }
    await changed;
  }
}

/** Resolves when something has been committed, or the time has passed. */
async function nextCommit({ books, wallClock }: World, msMax: number): Promise<void> {
  let unsubscribe = (): void => undefined;
  const committed = new Promise<void>((resolve) => {
    unsubscribe = books.onCommit(() => resolve());
  });
  await Promise.race([committed, wallClock.sleep(msMax)]);
  unsubscribe();
}

/** (5) From here on orders may be placed, unless halted. */
export async function becomeRunning(world: World): Promise<'running' | 'halted'> {
  return world.books.transaction(world.account, async (transaction) => {
    const isHalted = transaction.account.get().haltMode === 'halted';
    const next = isHalted ? 'halted' : 'running';
    const message = isHalted ? 'up, but halted: no new orders until released' : 'trading';
    await writeSystemState(transaction, world, { state: next, message });
    if (isHalted) {
      await transaction.alerts.record({
        alertId: `start-halted/${world.bootEpoch}`,
        type: 'kill_switch',
        severity: 'emergency',
        title: 'Started while halted',
        message: 'no new orders until a person releases the halt',
        metadata: '{}',
        atMs: world.marketClock.nowMs(),
        recordedAtWallMs: world.wallClock.nowMs(),
        acknowledgedBy: null,
      });
    }
    return next;
  });
}

/**
 * A start that failed leaves the state `error` and why, for whoever looks at the books. Not where
 * it failed before there were any, nor where another process writes them by now.
 */
export async function recordStartupError(world: World, message: string): Promise<void> {
  const isOurs = world.isLeaseHeld() && (await world.reader.account()) !== null;
  if (isOurs) await setSystemState(world, 'error', message);
}
