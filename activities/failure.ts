import { ApplicationFailure } from '@temporalio/common';
import {
  BrokerAuthRefused,
  BrokerCircuitOpen,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../adapters/broker/errors.js';
import { BooksBusy, BooksUnusable, CommitUnknown } from '../adapters/store/errors.js';

/**
 * Every way in which the world can fail an activity. Retryable unless it says not: keys that are
 * refused once are taken a moment later, and a full disk has room again. A driver, a stream or a
 * kill switch that had ended for it would be missed by nobody.
 */
export const FAILURES = {
  BrokerUnavailable: { retryable: true },
  BrokerCircuitOpen: { retryable: true },
  BrokerRateLimited: { retryable: true },
  BooksBusy: { retryable: true },
  BooksUnusable: { retryable: true },
  /** The gate is closed for now: the stream catches up, the system is not running yet. */
  NotTradingNow: { retryable: true },
  StreamClosed: { retryable: true },
  BrokerAuth: { retryable: true },
  ConfigurationInvalid: { retryable: false },
} as const;

export type FailureType = keyof typeof FAILURES;

export function failure(
  type: FailureType,
  message: string,
  options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !FAILURES[type].retryable,
    ...(options.retryAfterMs === undefined ? {} : { nextRetryDelay: options.retryAfterMs }),
    ...(options.cause instanceof Error ? { cause: options.cause } : {}),
  });
}

/** How long what only a person, or luck, can mend is left alone. */
const MENDING_MS = 5_000;

/** Translates what adapters throw; anything else is our own error and passes as it is. */
export function asFailure(error: unknown): unknown {
  if (error instanceof BrokerRateLimited) {
    const { message, retryAfterMs } = error;
    return failure('BrokerRateLimited', message, { retryAfterMs, cause: error });
  }
  if (error instanceof BrokerCircuitOpen) {
    const { message, retryAfterMs } = error;
    return failure('BrokerCircuitOpen', message, { retryAfterMs, cause: error });
  }
  if (error instanceof BrokerAuthRefused) {
    return failure('BrokerAuth', error.message, { retryAfterMs: MENDING_MS, cause: error });
  }
  if (error instanceof BrokerUnavailable) {
    return failure('BrokerUnavailable', error.message, { cause: error });
  }
  if (error instanceof BooksBusy || error instanceof CommitUnknown) {
    return failure('BooksBusy', error.message, { cause: error });
  }
  if (error instanceof BooksUnusable) {
    return failure('BooksUnusable', error.message, { retryAfterMs: MENDING_MS, cause: error });
  }
  return error;
}

/** Runs an activity's body with adapter errors translated into typed failures. */
export async function translatingFailures<Result>(body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    throw asFailure(error);
  }
}
