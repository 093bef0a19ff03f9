import { assertNever } from '../../../domain/values/index.js';
import type { CancelOutcome, SubmitOutcome } from '../port.js';
import { readOrder } from './order-reader.js';
import { refusalCodeOf, readErrorBody } from './refusal.js';
import { type Answer, describeStatus, failureOf } from './request.js';
import { parseJson, UnreadableBody } from './wire-record.js';

/** Statuses with which the broker itself says no. Any other may come from something on the way. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([400, 403, 404, 422]);

/**
 * What became of a POST. Accepted and refused need a readable answer of the broker; everything that
 * may have arrived without one is unknown. Throws `BrokerAuthRefused` when the keys are refused:
 * then no order will ever pass.
 */
export function submitOutcomeOf(answer: Answer, clientOrderId: string): SubmitOutcome {
  switch (answer.kind) {
    case 'answered':
      return readSubmitAnswer(answer, clientOrderId);
    case 'rate_limited':
      return {
        kind: 'not_sent',
        reason: "the broker's request limit is reached",
        retryAfterMs: answer.retryAfterMs,
      };
    case 'not_sent':
      return { kind: 'not_sent', reason: answer.reason, retryAfterMs: null };
    case 'no_answer':
      return { kind: 'unknown', reason: answer.reason, raw: null };
    case 'auth_refused':
      throw failureOf('an answer to the order', answer);
    default:
      return assertNever(answer);
  }
}

/**
 * The broker was seen to refuse a replacement with these words and to make it all the same: they
 * prove nothing.
 */
const DOUBTFUL_REFUSAL = /isn't sent to exchange|not (yet )?(been )?sent to (the )?exchange/i;

/** What became of a PATCH: as of a POST, where a refusal can be believed. */
export function replaceOutcomeOf(answer: Answer, clientOrderId: string): SubmitOutcome {
  const outcome = submitOutcomeOf(answer, clientOrderId);
  if (outcome.kind !== 'refused' || !DOUBTFUL_REFUSAL.test(outcome.message)) return outcome;
  return { kind: 'unknown', reason: `doubtful: ${outcome.message}`, raw: outcome.raw };
}

/**
 * What became of a DELETE of one order. A 429 and refused keys are thrown: the request was not
 * processed.
 */
export function cancelOutcomeOf(answer: Answer): CancelOutcome {
  if (answer.kind === 'no_answer' || answer.kind === 'not_sent') {
    return { kind: 'unknown', reason: answer.reason };
  }
  if (answer.kind !== 'answered') throw failureOf('an answer to the cancel', answer);
  const { status, text } = answer;
  if (status >= 200 && status <= 299) return { kind: 'requested' };
  const body = readErrorBody(text);
  if (body === null) return { kind: 'unknown', reason: describeStatus(answer) };
  if (status === 404) return { kind: 'not_found' };
  return status === 422
    ? { kind: 'not_cancelable', message: body.message }
    : { kind: 'unknown', reason: describeStatus(answer) };
}

/** The lines of a bulk cancel: how many were taken, and the orders that were not. */
export function bulkCancelOf(lines: readonly { readonly id: string; readonly status: number }[]): {
  readonly requested: number;
  readonly failedBrokerOrderIds: readonly string[];
} {
  const failed = lines.filter(({ status }) => status < 200 || status > 299);
  return {
    requested: lines.length - failed.length,
    failedBrokerOrderIds: failed.map(({ id }) => id),
  };
}

function readSubmitAnswer(
  answer: Extract<Answer, { readonly kind: 'answered' }>,
  clientOrderId: string,
): SubmitOutcome {
  const { status, text } = answer;
  if (status >= 200 && status <= 299) return readAcceptance(text, clientOrderId);
  const body = readErrorBody(text);
  if (body === null || !REFUSING_STATUSES.has(status)) {
    return { kind: 'unknown', reason: describeStatus(answer), raw: text };
  }
  const code = refusalCodeOf(body);
  return {
    kind: 'refused',
    code,
    message: body.message,
    duplicate: code === 'duplicate_client_order_id',
    raw: text,
  };
}

/** A 2xx counts only when it shows the order that was asked for. */
function readAcceptance(text: string, clientOrderId: string): SubmitOutcome {
  try {
    const order = readOrder(parseJson(text), text);
    if (order.clientOrderId === clientOrderId) return { kind: 'accepted', order };
    const reason = `expected order ${clientOrderId}, found ${order.clientOrderId}`;
    return { kind: 'unknown', reason, raw: text };
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
    return { kind: 'unknown', reason: `unreadable answer: ${error.message}`, raw: text };
  }
}
