export { type MarketEvent, marketEventsOf, previousClosesOf } from './market-day.js';
export { MarketFault, type MarketFaultCode, type MarketSource } from './market-source.js';
export { openRecordedMarket, type RecordedMarketOptions } from './recorded-market.js';
export { openSyntheticMarket, type SyntheticMarketOptions } from './synthetic-market.js';
