import { NANOS_PER_UNIT, type Quantity, wholeUnits } from '../../../domain/values/index.js';
import type { Handling, PlaceHandling } from '../../../exchange/matching/index.js';
import type { FaultName } from '../faults/fault-names.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Chance } from '../time/chance.js';

const FIRST_PART_SHARE = 0.3;

/** What the exchange does with an order that it says yes to; some are filled in parts at first. */
export function treatmentOf(order: {
  readonly request: { readonly quantity: Quantity };
  readonly faults: FaultPlan;
  readonly chance: Chance;
  readonly state: string;
}): PlaceHandling {
  const { request, faults, chance, state } = order;
  // A request that arrives when nobody waits for it any more is rare: more happens to it.
  const weight = state === 'unknown' ? 20 : 2;
  if (faults.hits('reject_after_accept', { state, weight })) return { handling: 'reject' };
  if (faults.hits('stuck_order', { state, weight })) return { handling: 'stuck' };
  const units = Math.floor(request.quantity / NANOS_PER_UNIT);
  if (units < 2 || !chance.hit(FIRST_PART_SHARE)) return {};
  return { firstPart: wholeUnits(chance.whole(1, units - 1)) };
}

/** The faults that leave something pending, and that turn it down after a yes. */
export interface HandlingFaults {
  readonly stuck: FaultName;
  readonly reject: FaultName;
  /** In which the books have the order; in others it comes to this by races only. */
  readonly states: readonly string[];
}

export const CANCEL_FAULTS: HandlingFaults = {
  stuck: 'stuck_cancel',
  reject: 'cancel_rejected',
  states: ['accepted', 'partially_filled', 'held'],
};
export const REPLACE_FAULTS: HandlingFaults = {
  stuck: 'stuck_replace',
  reject: 'replace_rejected',
  states: ['pending_replace'],
};
const STUCK_WEIGHT = 8;
const REJECT_WEIGHT = 3;

/** What the exchange does with a cancel or a replacement that it says yes to. */
export function handlingOf(faults: FaultPlan, state: string, names: HandlingFaults): Handling {
  if (!names.states.includes(state)) return 'normal';
  if (faults.hits(names.stuck, { state, weight: STUCK_WEIGHT })) return 'stuck';
  return faults.hits(names.reject, { state, weight: REJECT_WEIGHT }) ? 'reject' : 'normal';
}
