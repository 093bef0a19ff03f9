import { type HaltRequest, readHaltRequest } from '../../domain/safety/halt-request.js';
import { jsonOrNull } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { engageHalt } from './engage-halt.js';
import { releaseLatch } from './release-latch.js';

/**
 * Brings into the books what the kill file says and they do not: a file that a hand has made, and a
 * cause that reached the file while the books were locked. Engaged again, each is the same cause. A
 * file of causes that the books have released goes: its release was cut off before it took it away.
 */
export async function engageFileCauses(world: World): Promise<void> {
  const written = world.killFile.causeIds();
  if (await isReleased(world, written ?? [])) {
    world.killFile.release(written ?? []);
    await releaseLatch(world);
    return;
  }
  for (const causeId of written ?? []) {
    if ((await world.reader.halts.byId(causeId)) !== null) continue;
    await engageHalt(world, causeId, writtenRequest(world, causeId));
  }
  const isHandMade = world.killFile.isEngaged() && (written === null || written.length === 0);
  if (!isHandMade) return;
  const open = await world.reader.halts.openCauses();
  if (open.some((cause) => cause.reason === 'file')) return;
  const causeId = `file-${world.bootEpoch}-${world.wallClock.nowMs()}`;
  await engageHalt(world, causeId, requestOf(world, 'file', 'was made by hand'));
}

/** Every cause in the file is in the books, and none there halts any more. */
async function isReleased({ reader }: World, causeIds: readonly string[]): Promise<boolean> {
  const known = await Promise.all(causeIds.map((causeId) => reader.halts.byId(causeId)));
  const open = await reader.halts.openCauses();
  return (
    known.length > 0 &&
    known.every((cause) => cause !== null) &&
    open.every((cause) => cause.mode !== 'halted')
  );
}

/** The halt as its author wrote it into the file; an author that is gone can still be named. */
function writtenRequest(world: World, causeId: string): HaltRequest {
  const message = world.killFile.messageOf(causeId);
  const written = message === null ? null : jsonOrNull(message);
  return written === null
    ? requestOf(world, 'unspecified', 'holds a cause of its own')
    : readHaltRequest(written);
}

function requestOf(world: World, reason: HaltRequest['reason'], what: string): HaltRequest {
  return {
    reason,
    message: `the file ${world.killFile.path} ${what}`,
    triggeredBy: 'file',
    metadata: {},
    cancel: 'keep-protection',
  };
}
