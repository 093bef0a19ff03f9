import type { TradePrint } from './trade-print.js';

/** A recorded trade of the tape with what the vendor says about it. */
export interface RecordedTick extends TradePrint {
  /** The exchange as the tape's letter. */
  readonly exchange: string;
  /** Sale-condition flags in hexadecimal, as recorded. */
  readonly conditionFlags: string;
  /** The vendor doubts this print. Nothing may trade on it. */
  readonly isSuspicious: boolean;
}
