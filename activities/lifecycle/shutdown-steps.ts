import type { AlertRow, BooksTransaction } from '../../adapters/store/port.js';
import { IN_FLIGHT_STATES } from '../../domain/order/index.js';
import { bareSinceOf, OPEN_TURN_STATES, type Turn } from '../../domain/turn/index.js';
import type { ShutdownInput } from '../../workflows/contract/lifecycle.js';
import { resolveOrder } from '../order/resolve-order.js';
import { cancelShown, raisersAtBroker } from '../safety/cancel-for-halt.js';
import { recordHaltCancels } from '../safety/record-halt-cancels.js';
import { describeTurn, turnSentence } from '../turn/turn-view.js';
import { unsettledTurns } from '../turn/unsettled-turns.js';
import type { World } from '../world.js';
import { writeSystemState } from './system-state.js';

const LOOK_MS = 200;

/** Wall time that turns are given to come to rest. */
const TURNS_MS_MAX = 5_000;

/**
 * Closes the gate: from here on nothing new is admitted. Not in the middle of a turn that has taken
 * protection away and can go on: closed or protected is a better state to stop in.
 */
export async function refuseNewOrders(world: World, input: ShutdownInput): Promise<string> {
  await untilTurnsRest(world);
  const message = `asked by ${input.requestedBy}`;
  await world.books.transaction(world.account, async (transaction) => {
    if ((await lastWordOf(transaction, world)) !== null) return;
    await writeSystemState(transaction, world, { state: 'stopping', message });
  });
  await world.drivers.pauseSchedules();
  return 'no new orders';
}

async function untilTurnsRest(world: World): Promise<void> {
  const deadlineMs = world.wallClock.monotonicMs() + TURNS_MS_MAX;
  while (world.wallClock.monotonicMs() < deadlineMs) {
    const unsettled = await unsettledTurns(world, ['canceling', 'closing', 'covering']);
    if (unsettled.length === 0) return;
    await world.wallClock.sleep(LOOK_MS);
  }
}

/**
 * Waits for what is in flight and cancels working orders by policy, verified at the broker. Returns
 * the client order ids that are still live against the policy when the time is over.
 */
export async function settleOrders(world: World, input: ShutdownInput): Promise<readonly string[]> {
  for (;;) {
    const left = await ordersAgainstPolicy(world, input);
    if (left.length === 0 || world.wallClock.nowMs() > input.deadlineAtMs) return left;
    await world.wallClock.sleep(LOOK_MS);
  }
}

async function ordersAgainstPolicy(world: World, input: ShutdownInput): Promise<readonly string[]> {
  const inFlight = await world.reader.orders.inStates(IN_FLIGHT_STATES);
  for (const { order } of inFlight) await resolveOrder(world, order.intent.clientOrderId);
  const unresolved = inFlight.map(({ order }) => order.intent.clientOrderId);
  if (input.cancel === 'none') return unresolved;
  const { report, failure } = await cancelShown(world, input.cancel);
  const cause = `shutdown/${world.bootEpoch}`;
  await recordHaltCancels(world, { asked: report?.asked ?? [], cause, why: 'shutdown' });
  if (failure !== null) throw failure;
  const raisers = await raisersAtBroker(world);
  const live = input.cancel === 'cancel-all' ? await world.broker.openOrders() : [];
  const named = await Promise.all(raisers.map(({ brokerOrderId }) => nameOf(world, brokerOrderId)));
  return [...new Set([...unresolved, ...named, ...live.map((order) => order.clientOrderId)])];
}

async function nameOf(world: World, brokerOrderId: string): Promise<string> {
  const row = await world.reader.orders.byBrokerOrderId(brokerOrderId);
  return row?.order.intent.clientOrderId ?? brokerOrderId;
}

/** How a run was left. */
export interface FinalState {
  /** `stopped_unsettled`: the message names what a person must look at. */
  readonly state: 'stopped' | 'stopped_unsettled';
  readonly message: string;
}

/**
 * The last word in the books: what state the run was left in; `unended` says why the shutdown has
 * not come to its end. A position that a turn has left without its protection is named, and a
 * person is told: nobody watches it until the next start. Said once, it stands: a step that comes
 * late changes nothing.
 */
export async function persistFinalState(
  world: World,
  ordersLeft: readonly string[],
  unended: string | null = null,
): Promise<FinalState> {
  return world.books.transaction(world.account, async (transaction) => {
    const said = await lastWordOf(transaction, world);
    if (said !== null) return said;
    const open = await transaction.turns.inStates(OPEN_TURN_STATES);
    const bare = open.map(({ turn }) => turn).filter((turn) => bareSinceOf(turn) !== null);
    for (const turn of bare) await transaction.alerts.record(alertOfBare(world, turn));
    const final = finalStateOf({ ordersLeft, bare, unended });
    await writeSystemState(transaction, world, final);
    return final;
  });
}

/** What was said of this start's end; null while it has not ended. */
async function lastWordOf(
  transaction: BooksTransaction,
  { bootEpoch }: World,
): Promise<FinalState | null> {
  const system = await transaction.systemState.get();
  if (system === null || system.bootEpoch !== bootEpoch) return null;
  const { state, message } = system;
  return state === 'stopped' || state === 'stopped_unsettled' ? { state, message } : null;
}

interface Left {
  readonly ordersLeft: readonly string[];
  readonly bare: readonly Turn[];
  readonly unended: string | null;
}

function finalStateOf({ ordersLeft, bare, unended }: Left): FinalState {
  const turns = bare.map(turnSentence).join(', ');
  const left = [
    ...(ordersLeft.length === 0 ? [] : [`with live orders: ${ordersLeft.join(', ')}`]),
    ...(bare.length === 0 ? [] : [`without protection in the middle of ${turns}`]),
  ];
  if (left.length === 0 && unended === null)
    return { state: 'stopped', message: 'stopped in order' };
  const stopped = ['stopped', left.join('; ')].filter((part) => part !== '').join(' ');
  const message = unended === null ? stopped : `shutdown: ${unended}; ${stopped}`;
  return { state: 'stopped_unsettled', message };
}

function alertOfBare(world: World, turn: Turn): AlertRow {
  const { turnId, entry } = turn.plan;
  return {
    alertId: `turn-at-shutdown/${turnId}/${world.bootEpoch}`,
    type: 'risk_breach',
    severity: 'critical',
    title: `${turnSentence(turn)}: shut down while the position is without its protection`,
    message: describeTurn(turn),
    metadata: JSON.stringify({ turnId, symbol: entry.symbol, strategy: entry.strategy }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  };
}
