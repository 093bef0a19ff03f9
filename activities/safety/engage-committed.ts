import { readHaltRequest } from '../../domain/safety/halt-request.js';
import type { World } from '../world.js';
import { engageHalt } from './engage-halt.js';

/**
 * Engages in this process a halt whose cause is in the books: called by whoever has committed it,
 * so that latch, file and cancel wait for nobody, and by the outbox, for a cause of the command
 * line and for an author that died or got no answer to its commit. A cause that is engaged here
 * already, or released, or lets exits go on, changes nothing.
 */
export async function engageCommitted(world: World, causeId: string): Promise<void> {
  if (world.haltLatch.causeIds().includes(causeId)) return;
  const cause = await world.reader.halts.byId(causeId);
  if (cause === null || cause.mode !== 'halted' || cause.releasedAtWallMs !== null) return;
  const { reason, message, triggeredBy, metadata, cancelPolicy: cancel } = cause;
  const written = { reason, message, triggeredBy, metadata: JSON.parse(metadata), cancel };
  await engageHalt(world, causeId, readHaltRequest(written));
}
