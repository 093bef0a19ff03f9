import type { BooksReader } from '../../adapters/store/port.js';
import type { World } from '../world.js';

/**
 * Why nothing may be sent now although it may be later. Null: the gate is open. Whoever is held
 * asks again as its retry policy says, ever more slowly: it may be held for long, and not alone.
 */
export type GateHold = { readonly reason: string } | null;

/** How long an attempt may wait between its commit and the wire. */
export const SEND_WINDOW_MS = 1_000;

/**
 * Asks the books, for a send inside the transaction that begins it, whether this process may send
 * at all: the system runs in this epoch, the stream is live in this epoch, the lock is held, and
 * the process has not stood still since it last knew. Halts are judged by the risk rules, which
 * deny.
 */
export async function readGate(
  reader: Pick<BooksReader, 'systemState' | 'streamState'>,
  world: World,
): Promise<GateHold> {
  const system = await reader.systemState.get();
  if (system === null || system.bootEpoch !== world.bootEpoch) {
    return hold('the system state is of another start');
  }
  if (system.state !== 'running' && system.state !== 'halted') {
    return hold(`the system is ${system.state}, not running`);
  }
  const stream = await reader.streamState.get();
  if (stream === null || stream.bootEpoch !== world.bootEpoch || stream.status !== 'live') {
    return hold(`the trade updates stream is ${stream?.status ?? 'down'}, not live`);
  }
  if (!world.isLeaseHeld()) return hold('this process no longer holds the writer lock');
  const stalled = world.stall.objection();
  return stalled === null ? null : hold(stalled);
}

/**
 * The last look, in the same tick as the request: what may have changed since the transaction
 * committed. Null: send. Synchronous on purpose: nothing may be awaited between this answer and the
 * socket.
 */
export function lastLook(world: World, sendDeadlineAtMs: number): string | null {
  if (world.haltLatch.isEngaged()) return 'the halt latch is engaged';
  if (world.killFile.isEngaged()) return `the kill file ${world.killFile.path} is present`;
  if (!world.isLeaseHeld()) return 'the writer lock is lost';
  const stalled = world.stall.objection();
  if (stalled !== null) return stalled;
  if (world.wallClock.nowMs() > sendDeadlineAtMs) return 'the send deadline has passed';
  return null;
}

function hold(reason: string): GateHold {
  return { reason };
}
