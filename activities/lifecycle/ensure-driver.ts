import { OPEN_STATES } from '../../domain/order/index.js';
import { OPEN_TURN_STATES } from '../../domain/turn/index.js';
import { orderWorkflowId, turnWorkflowId } from '../../workflows/contract/index.js';
import { turnInputOf } from '../turn/turn-view.js';
import type { World } from '../world.js';
import { resumedInput } from '../order/driver-input.js';

/** A start without any of its thousand drivers waits for the slowest of some, not for their sum. */
const STARTS_AT_ONCE = 50;

/**
 * Gives every open order and every open turn of the books its workflow again; one that runs is left
 * alone. Says how many orders are open. Which ones run is asked once: to start a thousand that do
 * takes a start longer than all of its other steps. One that ended a moment ago and still counts as
 * running gets its driver at the next reconciliation.
 */
export async function ensureDrivers(world: World): Promise<number> {
  const { account, reader, drivers } = world;
  const open = await reader.orders.inStates(OPEN_STATES);
  const turns = await reader.turns.inStates(OPEN_TURN_STATES);
  if (open.length + turns.length === 0) return 0;
  const running = await drivers.running();
  const idle = open.filter(
    ({ order }) => !running.has(orderWorkflowId(account, order.intent.clientOrderId)),
  );
  for (let first = 0; first < idle.length; first += STARTS_AT_ONCE) {
    const some = idle.slice(first, first + STARTS_AT_ONCE);
    await Promise.all(some.map((row) => drivers.startOrder(resumedInput(world, row))));
  }
  for (const { turn } of turns) {
    if (!running.has(turnWorkflowId(account, turn.plan.turnId))) {
      await drivers.startTurn(turnInputOf(turn));
    }
  }
  return open.length;
}

/**
 * Asks again for every order whose start was delivered and that the books do not have: its driver
 * was lost before it had written anything, with Temporal's file perhaps, and a turn or a position
 * without its stop would wait for it for ever. One that still runs is left alone; one that is too
 * old by now is denied. Says how many.
 */
export async function askAgainForLost(world: World): Promise<number> {
  const lost = await world.reader.outbox.lostStarts();
  if (lost.length === 0) return 0;
  await world.books.transaction(world.account, async (transaction) => {
    for (const { kind, target, payload } of lost) {
      await transaction.outbox.post({ kind, target, payload });
    }
  });
  return lost.length;
}
