import type {
  ReconciliationInput,
  ReconciliationResult,
} from '../../workflows/contract/lifecycle.js';
import { translatingFailures } from '../failure.js';
import type { World } from '../world.js';
import { reconcile } from './reconcile.js';

export interface ReconciliationActivities {
  /** Reads only, but for what it records and repairs; a repeat finds the same or less. */
  reconcile(input: ReconciliationInput): Promise<ReconciliationResult>;
}

export function createReconciliationActivities(world: World): ReconciliationActivities {
  return {
    reconcile: (input) => translatingFailures(() => reconcile(world, input)),
  };
}
