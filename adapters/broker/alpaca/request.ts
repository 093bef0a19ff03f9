import type { trading } from '@alpacahq/alpaca-trade-api';
import { BrokerAuthRefused, BrokerRateLimited, BrokerUnavailable } from '../errors.js';
import { type AlpacaKeys, withoutKeys } from './access.js';
import { describeFailure, provesNothingSent } from './connect-failure.js';
import { type BrokerErrorBody, isAuthRefusal, readErrorBody } from './refusal.js';
import { parseJson, UnreadableBody } from './wire-record.js';

/** What became of a request, before anybody says what it means. */
export type Answer =
  /** Answered, and the whole body was read. */
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** 429: not processed. */
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number }
  | {
      readonly kind: 'auth_refused';
      readonly status: number;
      readonly message: string;
    }
  /** Proven: it never left this process. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** It may have arrived. */
  | { readonly kind: 'no_answer'; readonly reason: string };

/** Told of the broker's budget headers after each answer that carries them. */
export type RateLimitObserver = (remaining: number, resetAtS: number) => void;

export interface RequestOptions {
  readonly keys: AlpacaKeys;
  readonly onRateLimit: RateLimitObserver;
}

/** The part of the SDK's raw answers that we use: its own conversion would lose digits. */
type RawCall = () => Promise<Pick<trading.ApiResponse<unknown>, 'raw'>>;

const RETRY_AFTER_DEFAULT_MS = 1_000;
const RETRY_AFTER_MS_MIN = 250;
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Makes one request through the SDK and tells what became of it. Never retries, never throws for
 * the world.
 */
export async function ask(call: RawCall, options: RequestOptions): Promise<Answer> {
  try {
    const { raw } = await call();
    observeRateLimit(raw.headers, options.onRateLimit);
    return await readAnswer(raw, options.keys);
  } catch (error) {
    const refused = failedResponseOf(error);
    if (refused !== null) return await readFailedResponse(refused, options);
    if (!(error instanceof Error) || error.name !== 'FetchError') throw error;
    const reason = withoutKeys(describeFailure(error.cause ?? error), options.keys);
    return { kind: provesNothingSent(error) ? 'not_sent' : 'no_answer', reason };
  }
}

/**
 * A request whose answer is a value: its JSON, or one of the port's three errors. `what` is named
 * in them.
 */
export async function read<Value>(
  what: string,
  answer: Promise<Answer>,
  parse: (json: unknown, text: string) => Value,
): Promise<Value> {
  const found = await readOrNull(what, answer, parse);
  if (found !== null) return found;
  throw new BrokerUnavailable(`expected ${what}, found HTTP 404: check the address of the broker`);
}

/** As `read`; null when the broker says that there is no such thing. */
export async function readOrNull<Value>(
  what: string,
  answer: Promise<Answer>,
  parse: (json: unknown, text: string) => Value,
): Promise<Value | null> {
  const settled = await answer;
  if (settled.kind !== 'answered') throw failureOf(what, settled);
  if (settled.status === 404 && readErrorBody(settled.text) !== null) return null;
  if (settled.status < 200 || settled.status > 299) {
    throw new BrokerUnavailable(`expected ${what}, found ${describeStatus(settled)}`);
  }
  try {
    return parse(parseJson(settled.text), settled.text);
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
    throw new BrokerUnavailable(`expected ${what}, found a body that is not: ${error.message}`);
  }
}

/** The port's error for a request that was not answered with a body. */
export function failureOf(
  what: string,
  answer: Exclude<Answer, { readonly kind: 'answered' }>,
): BrokerUnavailable | BrokerRateLimited | BrokerAuthRefused {
  switch (answer.kind) {
    case 'rate_limited':
      return new BrokerRateLimited(
        `expected ${what}, found the request limit reached: wait ${answer.retryAfterMs} ms`,
        answer.retryAfterMs,
      );
    case 'auth_refused':
      return new BrokerAuthRefused(
        `expected ${what}, found the keys refused (HTTP ${answer.status}, ${answer.message}): ` +
          'check that they belong to this address',
      );
    case 'not_sent':
    case 'no_answer':
      return new BrokerUnavailable(`expected ${what}, found no answer: ${answer.reason}`);
  }
}

/** A status with the beginning of its message, for one line. */
export function describeStatus(answer: { readonly status: number; readonly text: string }): string {
  const message = readErrorBody(answer.text)?.message ?? answer.text.slice(0, 80);
  return `HTTP ${answer.status} ${message.replaceAll(/\s+/g, ' ')}`.trim();
}

async function readAnswer(response: Response, keys: AlpacaKeys): Promise<Answer> {
  try {
    return { kind: 'answered', status: response.status, text: await response.text() };
  } catch (error) {
    // A body that breaks off is a TypeError of fetch, a deadline a FetchError of the SDK.
    if (!(error instanceof Error)) throw error;
    const reason = withoutKeys(describeFailure(error), keys);
    return { kind: 'no_answer', reason: `the answer broke off: ${reason}` };
  }
}

async function readFailedResponse(
  failed: { readonly response: Response; readonly retryAfterMs: number | null },
  { keys, onRateLimit }: RequestOptions,
): Promise<Answer> {
  const { response } = failed;
  observeRateLimit(response.headers, onRateLimit);
  if (response.status === 429) {
    return { kind: 'rate_limited', retryAfterMs: clampRetry(failed.retryAfterMs) };
  }
  const answer = await readAnswer(response, keys);
  if (answer.kind !== 'answered') return answer;
  const text = withoutKeys(answer.text, keys);
  const body = readErrorBody(text);
  if (!isAuthRefusal(response.status, body)) return { ...answer, text };
  return { kind: 'auth_refused', status: response.status, message: messageOf(body) };
}

function messageOf(body: BrokerErrorBody | null): string {
  return body?.message ?? 'no message';
}

/**
 * The response inside an error of the SDK. Its classes differ between its bundles, so shape
 * decides, not class.
 */
function failedResponseOf(
  error: unknown,
): { readonly response: Response; readonly retryAfterMs: number | null } | null {
  if (!(error instanceof Error) || !('response' in error)) return null;
  if (!(error.response instanceof Response)) return null;
  const retryAfterMs = 'retryAfterMs' in error ? error.retryAfterMs : null;
  return {
    response: error.response,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}

/**
 * The reset instant is wall time of another machine: no wait is longer than the broker's window.
 */
function clampRetry(retryAfterMs: number | null): number {
  const wanted = retryAfterMs ?? RETRY_AFTER_DEFAULT_MS;
  return Math.min(Math.max(Math.ceil(wanted), RETRY_AFTER_MS_MIN), RETRY_AFTER_MS_MAX);
}

function observeRateLimit(headers: Headers, observe: RateLimitObserver): void {
  const remaining = headers.get('x-ratelimit-remaining');
  const reset = headers.get('x-ratelimit-reset');
  if (remaining === null || reset === null) return;
  if (!/^\d{1,15}$/.test(remaining) || !/^\d{1,15}$/.test(reset)) return;
  observe(Number(remaining), Number(reset));
}
