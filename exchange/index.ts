export { MarketFault, type MarketFaultCode } from './market/index.js';
export type { JournalEntry, JournalKind } from './run/journal.js';
export type { ClockMode } from './run/market-clock.js';
export type { WashTradeGuard } from './matching/index.js';
export { StateFileFault } from './run/state-file.js';
export type { MeantAnswer, MeantFrame, WireSample } from './run/wire-samples.js';
export type { SessionPhase } from './run/trading-step.js';
export {
  type ExchangeOptions,
  type MarketOptions,
  type RunningExchange,
  startExchange,
} from './start-exchange.js';
