import type { WorldSettings } from '../../../activities/world.js';
import { epochMs, wholeUsd } from '../../../domain/values/index.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Chance } from '../time/chance.js';
import { SYMBOLS } from './market-walk.js';

/** Positions that lag orders need the longer pause between two comparisons, as at Alpaca. */
const CONFIRM_AFTER_MS = 1_000;
const CONFIRM_AFTER_LAGGING_MS = 15_000;

/** The settings of a run: as in production, for the broker that the faults make of the exchange. */
export function settingsOf(faults: FaultPlan, chance: Chance): WorldSettings {
  const isLagging = faults.isActive('stale_read') || faults.isActive('positions_lag');
  return {
    quoteAgeMsMax: 120_000,
    submitTimeoutMs: 5_000,
    confirmAfterMs: isLagging ? CONFIRM_AFTER_LAGGING_MS : CONFIRM_AFTER_MS,
    pollIntervalMs: 10_000,
    resumeOnFileRemoval: chance.hit(0.5),
    turnGap: { msMax: 30_000, policy: 'alert' },
    protection: 'alert',
    externalOrders: 'observe',
    cashToleranceMicros: 0,
    symbols: [...SYMBOLS],
    limits: {
      orderNotionalMax: wholeUsd(25_000),
      positionNotionalMax: wholeUsd(50_000),
      leverageHundredths: 100,
      dailyLossMax: wholeUsd(1_000),
      dailyLossBasisPointsMax: 500,
      drawdownBasisPointsMax: 500,
      losingStreakMax: 1_000,
      updatedAtWallMs: epochMs(0),
    },
  };
}
