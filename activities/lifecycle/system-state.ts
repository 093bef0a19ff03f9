import type { BooksTransaction, SystemState } from '../../adapters/store/port.js';
import type { World } from '../world.js';

/** Writes the system's state for this start, with its audit line. */
export async function setSystemState(
  world: World,
  state: SystemState,
  message: string,
): Promise<void> {
  await world.books.transaction(world.account, (transaction) =>
    writeSystemState(transaction, world, { state, message }),
  );
}

export async function writeSystemState(
  transaction: BooksTransaction,
  world: World,
  { state, message }: { readonly state: SystemState; readonly message: string },
): Promise<void> {
  const updatedAtWallMs = world.wallClock.nowMs();
  await transaction.systemState.set({
    state,
    bootEpoch: world.bootEpoch,
    message,
    updatedAtWallMs,
  });
  transaction.audit({
    actor: 'ordinis',
    kind: 'system_state',
    entity: world.account,
    body: JSON.stringify({ state, bootEpoch: world.bootEpoch, message }),
    atWallMs: updatedAtWallMs,
  });
}
