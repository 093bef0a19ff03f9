import { type BorrowStatus, uuidOf } from '../matching/index.js';

/** The venue's id of a symbol: the same in every run, as an asset id is. */
export function assetIdOf(symbol: string): string {
  return uuidOf(`asset/${symbol}`);
}

export const LISTING_EXCHANGE = 'NYSE';

/**
 * A tradable US equity as the assets API shows it. Whether it can be sold short now is what the
 * borrow status says; `shortable` only says that it could be.
 */
export function wireAsset(symbol: string, borrowStatus: BorrowStatus) {
  return {
    id: assetIdOf(symbol),
    class: 'us_equity',
    exchange: LISTING_EXCHANGE,
    symbol,
    name: `${symbol} (paper exchange)`,
    status: 'active',
    tradable: true,
    marginable: true,
    maintenance_margin_requirement: 30,
    margin_requirement_long: '30',
    margin_requirement_short: '30',
    shortable: true,
    easy_to_borrow: borrowStatus === 'easy_to_borrow',
    borrow_status: borrowStatus,
    fractionable: true,
    attributes: [],
  };
}
