import type { EpochMs } from '../../domain/values/index.js';
import type { AccountValues } from './ledger.js';
import type { VenuePosition } from './position.js';
import type { VenueOrder } from './venue-order.js';

/** The state of a matching engine as plain values, for comparison and for reports. */
export interface EngineSnapshot {
  readonly phase: 'closed' | 'open';
  readonly nextCloseAtMs: EpochMs | null;
  readonly randomState: number;
  readonly eventCount: number;
  readonly executionCount: number;
  readonly hardToBorrow: readonly string[];
  readonly values: AccountValues;
  readonly positions: readonly VenuePosition[];
  readonly orders: readonly VenueOrder[];
}
