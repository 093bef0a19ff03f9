import type { World } from '../world.js';

/**
 * Lets go of the latch for every cause that the books have released, whoever wrote that: a release
 * whose commit got no answer has been made all the same. A cause that they do not hold yet stays.
 */
export async function releaseLatch({
  haltLatch,
  reader,
}: Pick<World, 'haltLatch' | 'reader'>): Promise<void> {
  for (const causeId of haltLatch.causeIds()) {
    const cause = await reader.halts.byId(causeId);
    if (cause !== null && cause.releasedAtWallMs !== null) haltLatch.release([causeId]);
  }
}
