import { ulid } from 'ulid';

// What the command line checks and shows with. Nothing here starts, opens or connects to anything,
// and nothing loads Temporal or the database driver: `--help` and wrong use are answered from this.
export { isBrokerFailure } from '../adapters/broker/errors.js';
export { turnSentence } from '../activities/turn/turn-view.js';
export { minuteFolder, type RecordedDay } from '../adapters/market-data/files/minute-folder.js';
export {
  type MarketDate,
  newYorkDate,
  newYorkTimeOfDay,
  nextTradingDay,
  parseMarketDate,
  previousTradingDay,
  tradingDay,
} from '../domain/market/index.js';
export {
  brokerOrderIdOf,
  isClosed,
  type Order,
  type OrderIntent,
  OPEN_STATES,
  type OrderState,
  parseClientOrderId,
  revisionBaseOf,
  stateOf,
} from '../domain/order/index.js';
export type { DeniedWish } from '../activities/order/deny-wish.js';
export type { DenyCode, OtherDenyCode } from '../domain/risk/index.js';
export {
  CANCEL_POLICIES,
  cancelStandingOf,
  type CancelPolicy,
  type HaltRequest,
} from '../domain/safety/halt-request.js';
export {
  bareSinceOf,
  isTurnOver,
  OPEN_TURN_STATES,
  turnReasonOf,
} from '../domain/turn/index.js';
export type { ExchangeOptions, MarketOptions, RunningExchange } from '../exchange/index.js';
export { strategyNamed, strategyNames } from '../strategies/registry.js';

/** An id for the order of a person who gave none: unique, and sorted by the time it was made. */
export function newManualOrderId(): string {
  return ulid();
}
