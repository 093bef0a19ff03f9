import type { BrokerPosition } from '../../../adapters/broker/port.js';
import { averagePriceRounded } from '../../../domain/values/index.js';
import { heldQuantity, type Ledger, type VenuePosition } from '../../../exchange/matching/index.js';

/** A position as the broker's port tells it. */
export function positionOf(position: VenuePosition, ledger: Ledger): BrokerPosition {
  const { symbol, signedNanos, costBasis } = position;
  const held = heldQuantity(position);
  return {
    symbol,
    side: signedNanos < 0 ? 'short' : 'long',
    quantity: held,
    averageEntryPrice: averagePriceRounded(costBasis, held),
    costBasis,
    currentPrice: ledger.valuationPrice(symbol),
    raw: JSON.stringify({ symbol, qty: signedNanos }),
  };
}
