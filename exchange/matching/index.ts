export type { Refusal, SessionHours } from './admission.js';
export type { BorrowStatus } from './borrow-list.js';
export { MatchingEngine } from './engine.js';
export type * from './engine-contract.js';
export { orderedId, uuidOf } from './ids.js';
export {
  type AccountValues,
  Ledger,
  MARGIN_EQUITY_MIN,
  MARGIN_MULTIPLIER,
  marginMultiplier,
  type SymbolMarks,
} from './ledger.js';
export type { GroupRule } from './order-group.js';
export { heldQuantity, marketValue, type VenuePosition } from './position.js';
export { drawRandom, type RandomDraw, randomStateOf, wholeNumberBetween } from './random.js';
export type { EngineSnapshot } from './snapshot.js';
export type { TradeChange } from './trade-change.js';
export * from './venue-order.js';
export type { WashTradeGuard } from './wash-trade.js';
