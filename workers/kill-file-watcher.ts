import type { World } from '../activities/world.js';
import { engageFileCauses } from '../activities/safety/engage-file-causes.js';
import { reconcile } from '../activities/reconciliation/reconcile.js';
import { releaseFileCauses } from '../activities/safety/release-file-causes.js';
import { releaseLatch } from '../activities/safety/release-latch.js';

const LOOK_MS = 1_000;

export interface KillFileWatcher {
  stop(): void;
}

/**
 * Looks at the kill file every second. One that a hand has made is a halt; where the run allows it,
 * removing it again releases that cause after a clean reconciliation.
 */
export function startKillFileWatcher(world: World): KillFileWatcher {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      await lookOnce(world);
    } catch (error) {
      // The gate asks the file itself before each send; this watcher only cancels and tells.
      world.log.error({ error: String(error) }, 'the kill file could not be followed');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return { stop: () => clearInterval(timer) };
}

async function lookOnce(world: World): Promise<void> {
  if (world.killFile.isEngaged()) {
    await engageFileCauses(world);
    return;
  }
  if (world.haltLatch.isEngaged()) await releaseLatch(world);
  if (!world.settings.resumeOnFileRemoval) return;
  const causes = await world.reader.halts.openCauses();
  const byFile = causes.filter((cause) => cause.reason === 'file');
  // Only a verified halt is released: what is still open at the broker is canceled first.
  if (byFile.length === 0 || byFile.some((cause) => cause.completedAtWallMs === null)) return;
  const { account } = world;
  const reconciliation = await reconcile(world, { account, trigger: 'kill file removed' });
  if (reconciliation.outcome === 'clean') await releaseFileCauses(world, byFile);
}
