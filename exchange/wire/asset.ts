import { uuidOf } from '../matching/index.js';

/** The venue's id of a symbol: the same in every run, as an asset id is. */
export function assetIdOf(symbol: string): string {
  return uuidOf(`asset/${symbol}`);
}

export const LISTING_EXCHANGE = 'NYSE';

/** A tradable US equity as the assets API shows it. */
export function wireAsset(symbol: string) {
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
    easy_to_borrow: true,
    borrow_status: 'easy_to_borrow',
    fractionable: true,
    attributes: [],
  };
}
