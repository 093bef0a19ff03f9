import type { BooksReader } from '../../adapters/store/port.js';
import { nextTurnStep, type Turn, type TurnFacts, type TurnStep } from '../../domain/turn/index.js';
import { assert } from '../../domain/values/index.js';
import type { CancelRequest } from '../../workflows/contract/order.js';
import type { TurnView } from '../../workflows/contract/turn.js';
import { cancelOrder } from '../order/cancel-order.js';
import { readGate } from '../order/gate.js';
import type { World } from '../world.js';
import { readTurnFacts, turnOf } from './read-turn-facts.js';
import { turnViewOf } from './turn-view.js';
import { writeTurnEvent } from './write-turn-event.js';

/** A turn takes few steps; more at once means that one of them changes nothing. */
const STEPS_MAX = 20;

/**
 * Takes every step of a turn that can be taken now, each decided from the books and written to them
 * before anything is asked of the broker. Returns where it stands. A repeat, also one after a crash
 * at any instant, goes on from the books.
 */
export async function advanceTurn(world: World, turnId: string): Promise<TurnView> {
  const asked = new Set<string>();
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const { turn, step } = await lookAtTurn(world, turnId);
    if (step.kind === 'move') {
      await moveTurn(world, turnId);
      continue;
    }
    if (step.kind !== 'cancel') return turnViewOf(world, turn, step);
    const news = step.clientOrderIds.filter((id) => !asked.has(id));
    // Asked a moment ago, and not over: the broker needs time, and the driver comes back.
    if (news.length === 0) return turnViewOf(world, turn, step);
    for (const clientOrderId of news) {
      asked.add(clientOrderId);
      world.crashPoint('turn-cancel');
      await cancelOrder(world, clientOrderId, requestOf(turn));
      world.crashPoint('turn-canceled');
    }
  }
  throw new Error(`expected turn ${turnId} to come to rest within ${STEPS_MAX} steps`);
}

/** Where a turn stands in the books, and what would be next. Changes nothing. */
export async function lookAtTurn(
  world: World,
  turnId: string,
): Promise<{ readonly turn: Turn; readonly step: TurnStep }> {
  const { reader } = world;
  const turn = await turnOf(reader, turnId);
  const account = await reader.account();
  assert(account !== null, `expected account ${world.account} in the books`);
  return { turn, step: await decideStep(reader, world, { turn, haltMode: account.haltMode }) };
}

/** Decides again on the state that the commit holds, and writes what is decided there. */
async function moveTurn(world: World, turnId: string): Promise<void> {
  const moved = await world.books.transaction(world.account, async (transaction) => {
    const turn = await turnOf(transaction, turnId);
    const { haltMode } = transaction.account.get();
    const step = await decideStep(transaction, world, { turn, haltMode });
    if (step.kind !== 'move') return null;
    const { event, asks } = step;
    return writeTurnEvent(transaction, world, { turn, event, asks });
  });
  if (moved !== null) world.crashPoint(`turn-${moved.progress.state.replace('_', '-')}`);
}

async function decideStep(
  reader: Pick<BooksReader, 'orders' | 'positions' | 'systemState' | 'streamState'>,
  world: World,
  { turn, haltMode }: { readonly turn: Turn; readonly haltMode: TurnFacts['haltMode'] },
): Promise<TurnStep> {
  const hold = await readGate(reader, world);
  const isHaltedHere = world.haltLatch.isEngaged() || world.killFile.isEngaged();
  const gate = {
    haltMode: isHaltedHere ? ('halted' as const) : haltMode,
    gateHold: hold?.reason ?? null,
  };
  return nextTurnStep(turn, await readTurnFacts(reader, world, { turn, gate }));
}

function requestOf({ plan }: Turn): CancelRequest {
  return { requestedBy: plan.entry.strategy, reason: `in the way of ${plan.turnId}` };
}
