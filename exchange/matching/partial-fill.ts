import { NANOS_PER_UNIT, type Quantity, wholeUnits } from '../../domain/values/index.js';
import { drawRandom, wholeNumberBetween } from './random.js';
import { remainingQuantity, type VenueOrder } from './venue-order.js';

export interface FillQuantity {
  readonly quantity: Quantity;
  readonly randomState: number;
}

/**
 * How much of an eligible order fills now: everything that is left, or, in the given share of
 * cases, a random number of whole units, at least one and less than all. Auction and fill-or-kill
 * orders never fill in part.
 */
export function drawFillQuantity(input: {
  readonly order: VenueOrder;
  readonly partialFillShare: number;
  readonly randomState: number;
}): FillQuantity {
  const { order, partialFillShare, randomState } = input;
  const remaining = remainingQuantity(order);
  const unitsMax = Math.ceil(remaining / NANOS_PER_UNIT) - 1;
  if (unitsMax < 1 || partialFillShare === 0 || fillsOnlyWhole(order)) {
    return { quantity: remaining, randomState };
  }
  const decision = drawRandom(randomState);
  if (decision.value >= partialFillShare) {
    return { quantity: remaining, randomState: decision.state };
  }
  const size = drawRandom(decision.state);
  return {
    quantity: wholeUnits(wholeNumberBetween(size, 1, unitsMax)),
    randomState: size.state,
  };
}

function fillsOnlyWhole(order: VenueOrder): boolean {
  return ['fok', 'opg', 'cls'].includes(order.timeInForce);
}
