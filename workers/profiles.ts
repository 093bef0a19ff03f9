import type { LimitsRow } from '../adapters/store/port.js';
import { epochMs, wholeUsd } from '../domain/values/index.js';

/** Limits for an account that nobody has set any for. Losses as published for the first Ordinis. */
const DEFAULT_LIMITS: LimitsRow = {
  orderNotionalMax: wholeUsd(25_000),
  positionNotionalMax: wholeUsd(50_000),
  leverageHundredths: 100,
  dailyLossMax: wholeUsd(1_000),
  dailyLossBasisPointsMax: 500,
  drawdownBasisPointsMax: 500,
  losingStreakMax: 5,
  updatedAtWallMs: epochMs(0),
};

/**
 * The limits of a new account. Simulated runs have a longer losing streak: a moving-average cross
 * loses five times in a row on most days, and a demonstration that halts by lunch shows nothing.
 */
export function initialLimits(mode: 'simulated' | 'paper' | 'live'): LimitsRow {
  return mode === 'simulated' ? { ...DEFAULT_LIMITS, losingStreakMax: 50 } : DEFAULT_LIMITS;
}
