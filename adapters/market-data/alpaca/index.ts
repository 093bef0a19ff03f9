export {
  type AlpacaMarketData,
  type AlpacaMarketDataOptions,
  createAlpacaMarketData,
  type DataFeed,
  type DataFeedAnswer,
} from './alpaca-market-data.js';
export { createLockstepPace, type LockstepPaceOptions } from './lockstep-pace.js';
export { createRealtimePace, type RealtimePaceOptions } from './realtime-pace.js';
