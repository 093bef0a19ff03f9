import type { Bar } from '../../../domain/market/index.js';
import { epochMs, formatInstant, MINUTE_MS } from '../../../domain/values/index.js';
import { type AlpacaKeys, baseUrl, checkKeys } from '../../broker/alpaca/access.js';
import { describeFailure } from '../../broker/alpaca/connect-failure.js';
import {
  instantOf,
  listOf,
  parseJson,
  priceOf,
  quantityOf,
  recordOf,
  textOf,
  textOrNull,
  UnreadableBody,
  unreadable,
  type WireRecord,
} from '../../broker/alpaca/wire-record.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../broker/errors.js';
import type { MarketPace, MarketStep } from '../../broker/port.js';

export interface LockstepPaceOptions {
  /** The address of our own exchange. */
  readonly exchangeUrl: string;
  /** Null: the exchange asks for none. */
  readonly keys: AlpacaKeys | null;
}

/** The exchange answers a wait within 50 s, with the old step if there is no new one. */
const ANSWER_MS_MAX = 70_000;
const PHASES = ['before_open', 'open', 'after_close', 'ended'] as const;

/**
 * Market time of our own exchange in lockstep: it stands still until we say that a step is done.
 * Saying it twice moves nothing twice, because the exchange compares the instant; so a lost answer
 * is simply asked for again. Throws `BrokerUnavailable` when the exchange cannot be reached (it may
 * be restarting) and `BrokerAuthRefused`.
 */
export function createLockstepPace(options: LockstepPaceOptions): MarketPace {
  const closed = new AbortController();
  const askClock = (init: RequestInit, signal: AbortSignal | null): Promise<MarketStep> =>
    readStep(options, init, [closed.signal, ...(signal === null ? [] : [signal])]);

  return {
    current: () => askClock({ method: 'GET' }, null),
    async advance(step, signal) {
      const through = formatInstant(step.atMs);
      const body = JSON.stringify({ action: 'done', through });
      for (;;) {
        const next = await askClock({ method: 'POST', body }, signal);
        // The same step again: the day has ended, or the exchange lost patience with a held clock.
        if (next.atMs !== step.atMs || next.phase === 'ended') return next;
        signal.throwIfAborted();
      }
    },
    async close() {
      closed.abort(new BrokerUnavailable('the pace of the exchange was closed'));
    },
  };
}

/** The step in an answer of the exchange's clock. */
export function readMarketStep(value: unknown): MarketStep {
  const step = recordOf(value, 'a market step');
  const phase = PHASES.find((one) => one === step['phase']);
  if (phase === undefined) throw unreadable('phase', PHASES.join(', '), step['phase']);
  return {
    atMs: instantOf(step, 'timestamp'),
    marketDate: textOf(step, 'marketDate'),
    phase,
    bars: listOf(step['bars'], 'the bars of a step').map(readStepBar),
    lastEventId: eventIdOf(step),
  };
}

async function readStep(
  { exchangeUrl, keys }: LockstepPaceOptions,
  init: RequestInit,
  signals: readonly AbortSignal[],
): Promise<MarketStep> {
  const deadline = AbortSignal.timeout(ANSWER_MS_MAX);
  const headers = { 'content-type': 'application/json', ...keyHeaders(keys) };
  const signal = AbortSignal.any([deadline, ...signals]);
  try {
    const url = `${baseUrl(exchangeUrl)}/_clock`;
    const response = await fetch(url, { ...init, headers, signal, redirect: 'error' });
    const text = await response.text();
    if (response.status === 401 || response.status === 403) {
      throw new BrokerAuthRefused('expected market time, found the keys of the exchange refused');
    }
    if (response.ok) return readMarketStep(parseJson(text));
    throw new BrokerUnavailable(
      `expected market time, found HTTP ${response.status} ${text.slice(0, 120)}`,
    );
  } catch (error) {
    for (const { aborted, reason } of signals) if (aborted) throw reason;
    throw clockFailureOf(error);
  }
}

/**
 * What fetch throws (a broken connection, our deadline) and a body that is no step mean the same:
 * ask again.
 */
function clockFailureOf(error: unknown): unknown {
  if (error instanceof UnreadableBody) {
    return new BrokerUnavailable(
      `expected market time, found a body that is not: ${error.message}`,
    );
  }
  const isTransport =
    error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
  if (!isTransport) return error;
  return new BrokerUnavailable(
    `expected market time, found no answer of the exchange: ${describeFailure(error)}`,
  );
}

function keyHeaders(keys: AlpacaKeys | null): Readonly<Record<string, string>> {
  if (keys === null) return {};
  const { keyId, secret } = checkKeys(keys);
  return { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret };
}

function readStepBar(value: unknown): Bar {
  const bar = recordOf(value, 'a bar');
  const startAtMs = instantOf(bar, 't');
  return {
    symbol: textOf(bar, 'symbol'),
    startAtMs,
    endAtMs: epochMs(startAtMs + MINUTE_MS),
    open: priceOf(bar, 'o'),
    high: priceOf(bar, 'h'),
    low: priceOf(bar, 'l'),
    close: priceOf(bar, 'c'),
    volume: quantityOf(bar, 'v'),
  };
}

/** Event ids are text on the trade updates stream; a number is the same id. */
function eventIdOf(step: WireRecord): string | null {
  const id = step['lastEventId'];
  return typeof id === 'number' ? String(id) : textOrNull(step, 'lastEventId');
}
