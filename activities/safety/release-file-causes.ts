import type { HaltCauseRow } from '../../adapters/store/port.js';
import type { World } from '../world.js';
import { releaseCauses } from './release-halt.js';
import { releaseLatch } from './release-latch.js';

/** Releases halts by file after the file was removed; other causes stay, and with them the halt. */
export async function releaseFileCauses(
  world: World,
  causes: readonly HaltCauseRow[],
): Promise<void> {
  await releaseCauses(world, causes, { operator: 'file', reason: 'the kill file was removed' });
  await releaseLatch(world);
}
