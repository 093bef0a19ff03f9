import type { SubmitOutcome } from '../../adapters/broker/port.js';

/** What becomes of one POST. Without a script it is accepted, or refused as a duplicate. */
export type SubmitScript =
  | 'accept'
  | 'refuse'
  /** Lost on its way there: nothing arrived. */
  | 'drop_before'
  /** Done, and the answer lost. */
  | 'execute_then_drop'
  | 'not_sent'
  | 'rate_limited'
  | 'wrong_keys'
  /** Taken, but shown with another quantity. */
  | 'take_another_quantity';

/** What becomes of one PATCH. Without a script the new order works, and the old one has gone. */
export type ReplaceScript =
  | 'replace'
  | 'refuse'
  | 'drop_before'
  | 'execute_then_drop'
  | 'not_sent'
  /** Taken and not decided: the old one pends until `settleReplace`. */
  | 'pend';

export function refusal(code: string, message: string, duplicate: boolean): SubmitOutcome {
  return { kind: 'refused', code, message, duplicate, raw: JSON.stringify({ code, message }) };
}
