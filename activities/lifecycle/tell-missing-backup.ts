import type { MissingBackup } from '../../workflows/contract/lifecycle.js';
import type { World } from '../world.js';

/** A day that trades without its backup is told to a person, once for each start. */
export async function tellMissingBackup(world: World, missing: MissingBackup): Promise<void> {
  const { marketDate, why } = missing;
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: `no-backup/${marketDate}/${world.bootEpoch}`,
      type: 'system_health',
      severity: 'critical',
      title: `No backup before the open of ${marketDate}`,
      message: `${why}; the day is traded without it: mend the cause, then "npx ordinis backup"`,
      metadata: '{}',
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
      acknowledgedBy: null,
    });
  });
}
