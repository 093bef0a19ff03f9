import { assert, assertNever } from '../values/index.js';

/** Transport failures in a row that open the circuit. */
export const BREAKER_FAILURES_MAX = 5;
/** How long an open circuit lets nothing through. */
export const BREAKER_OPEN_MS = 30_000;
/** Calls that may try a half-open circuit. */
export const BREAKER_TRIALS_MAX = 3;
/** Trial calls that must succeed before the circuit closes. */
export const BREAKER_SUCCESSES_TO_CLOSE = 3;
/** What a caller waits for while other calls try the circuit. */
export const BREAKER_TRIAL_WAIT_MS = 1_000;

export type BreakerStatus = 'closed' | 'open' | 'half_open';

type Circuit =
  | { readonly status: 'closed'; readonly failures: number }
  | { readonly status: 'open'; readonly untilMs: number }
  | { readonly status: 'half_open'; readonly trials: number; readonly successes: number };

/** What is kept and exported of one class of calls. Times are monotonic milliseconds. */
export interface BreakerCounters {
  readonly totalCalls: number;
  readonly successfulCalls: number;
  readonly failedCalls: number;
  readonly consecutiveFailures: number;
  readonly consecutiveSuccesses: number;
  /** The first failure since the last success. */
  readonly failingSinceMs: number | null;
  readonly lastFailureAtMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly stateChanges: number;
}

/** A circuit breaker of one endpoint class. Plain data: every function here returns a new one. */
export interface Breaker {
  readonly circuit: Circuit;
  readonly counters: BreakerCounters;
}

export type BreakerDecision =
  /** Go on; the ticket comes back with the outcome. */
  | { readonly ok: true; readonly ticket: number }
  | { readonly ok: false; readonly retryAfterMs: number };

/** Only what the transport did counts: a refusal by the broker is a success of transport. */
export interface CallOutcome {
  readonly ticket: number;
  readonly succeeded: boolean;
  readonly nowMs: number;
}

/** A breaker that has seen nothing. */
export function closedBreaker(): Breaker {
  return {
    circuit: { status: 'closed', failures: 0 },
    counters: {
      totalCalls: 0,
      successfulCalls: 0,
      failedCalls: 0,
      consecutiveFailures: 0,
      consecutiveSuccesses: 0,
      failingSinceMs: null,
      lastFailureAtMs: null,
      lastSuccessAtMs: null,
      stateChanges: 0,
    },
  };
}

/**
 * Whether a call may go out. Closed: yes. Open: no, with the time left; once that has passed the
 * circuit is half open and takes at most three trial calls. `nowMs` is monotonic.
 */
export function admitCall(
  breaker: Breaker,
  nowMs: number,
): { readonly breaker: Breaker; readonly decision: BreakerDecision } {
  const current = openToHalfOpen(breaker, nowMs);
  const { circuit } = current;
  switch (circuit.status) {
    case 'closed':
      return { breaker: current, decision: { ok: true, ticket: ticketOf(current) } };
    case 'open':
      return {
        breaker: current,
        decision: { ok: false, retryAfterMs: circuit.untilMs - nowMs },
      };
    case 'half_open':
      if (circuit.trials >= BREAKER_TRIALS_MAX) {
        return { breaker: current, decision: { ok: false, retryAfterMs: BREAKER_TRIAL_WAIT_MS } };
      }
      return {
        breaker: { ...current, circuit: { ...circuit, trials: circuit.trials + 1 } },
        decision: { ok: true, ticket: ticketOf(current) },
      };
    default:
      return assertNever(circuit);
  }
}

/**
 * A ticket for a call that no breaker may block (a cancel): it counts, and moves a circuit that is
 * closed.
 */
export function ticketOf(breaker: Breaker): number {
  return breaker.counters.stateChanges;
}

/**
 * Counts the outcome of a call. It moves the circuit only when the circuit is still the one that
 * admitted the call: an answer that comes late, after the circuit has moved on, is counted and
 * decides nothing.
 */
export function recordCall(breaker: Breaker, outcome: CallOutcome): Breaker {
  return moveBy({ ...breaker, counters: countCall(breaker.counters, outcome) }, outcome);
}

/**
 * Notes what a call of another class has shown of the transport: it moves the circuit as a trial of
 * its own would, and is no call of this class.
 */
export function recordProbe(breaker: Breaker, outcome: CallOutcome): Breaker {
  return moveBy(breaker, outcome);
}

function moveBy(breaker: Breaker, outcome: CallOutcome): Breaker {
  assert(
    outcome.ticket <= ticketOf(breaker),
    `expected a ticket of this breaker, found ${outcome.ticket}`,
  );
  if (outcome.ticket !== ticketOf(breaker)) return breaker;
  const { circuit } = breaker;
  switch (circuit.status) {
    case 'closed':
      return outcome.succeeded
        ? { ...breaker, circuit: { status: 'closed', failures: 0 } }
        : failWhileClosed(breaker, circuit.failures + 1, outcome.nowMs);
    case 'open':
      return breaker; // A cancel went through an open circuit: no trial, decides nothing.
    case 'half_open':
      return outcome.succeeded
        ? succeedWhileHalfOpen(breaker, circuit)
        : moveTo(breaker, openUntil(outcome.nowMs));
    default:
      return assertNever(circuit);
  }
}

/** Monotonic: the first and the last of failures in a row. */
export interface Outage {
  readonly fromMs: number;
  readonly throughMs: number;
}

/**
 * Failures in a row, at least as many as open the circuit, that no success of the class itself has
 * ended yet: a circuit that tries again, or that other calls have closed, ends none. Null: there is
 * no such row. Where nothing is asked any more it grows no longer, since nothing is known.
 */
export function outageOf({ counters }: Breaker): Outage | null {
  const { consecutiveFailures, failingSinceMs, lastFailureAtMs } = counters;
  if (consecutiveFailures < BREAKER_FAILURES_MAX) return null;
  assert(failingSinceMs !== null && lastFailureAtMs !== null, 'expected the times of failures');
  return { fromMs: failingSinceMs, throughMs: lastFailureAtMs };
}

/** The state as it is at an instant: an open circuit whose time has passed is half open. */
export function breakerStatus(breaker: Breaker, nowMs: number): BreakerStatus {
  return openToHalfOpen(breaker, nowMs).circuit.status;
}

/** How long until calls may try again, as far as the breaker knows; 0 when they may now. */
export function breakerRetryAfterMs(breaker: Breaker, nowMs: number): number {
  const { circuit } = openToHalfOpen(breaker, nowMs);
  if (circuit.status === 'open') return circuit.untilMs - nowMs;
  return circuit.status === 'half_open' ? BREAKER_TRIAL_WAIT_MS : 0;
}

function openToHalfOpen(breaker: Breaker, nowMs: number): Breaker {
  const { circuit } = breaker;
  if (circuit.status !== 'open' || nowMs < circuit.untilMs) return breaker;
  return moveTo(breaker, { status: 'half_open', trials: 0, successes: 0 });
}

function failWhileClosed(breaker: Breaker, failures: number, nowMs: number): Breaker {
  return failures >= BREAKER_FAILURES_MAX
    ? moveTo(breaker, openUntil(nowMs))
    : { ...breaker, circuit: { status: 'closed', failures } };
}

function succeedWhileHalfOpen(
  breaker: Breaker,
  circuit: Extract<Circuit, { readonly status: 'half_open' }>,
): Breaker {
  const successes = circuit.successes + 1;
  return successes >= BREAKER_SUCCESSES_TO_CLOSE
    ? moveTo(breaker, { status: 'closed', failures: 0 })
    : { ...breaker, circuit: { ...circuit, successes } };
}

function openUntil(nowMs: number): Circuit {
  return { status: 'open', untilMs: nowMs + BREAKER_OPEN_MS };
}

function moveTo(breaker: Breaker, circuit: Circuit): Breaker {
  const { counters } = breaker;
  return { circuit, counters: { ...counters, stateChanges: counters.stateChanges + 1 } };
}

function countCall(counters: BreakerCounters, outcome: CallOutcome): BreakerCounters {
  const { succeeded, nowMs } = outcome;
  return {
    ...counters,
    totalCalls: counters.totalCalls + 1,
    successfulCalls: counters.successfulCalls + (succeeded ? 1 : 0),
    failedCalls: counters.failedCalls + (succeeded ? 0 : 1),
    consecutiveFailures: succeeded ? 0 : counters.consecutiveFailures + 1,
    consecutiveSuccesses: succeeded ? counters.consecutiveSuccesses + 1 : 0,
    failingSinceMs: succeeded ? null : (counters.failingSinceMs ?? nowMs),
    lastFailureAtMs: succeeded ? counters.lastFailureAtMs : nowMs,
    lastSuccessAtMs: succeeded ? nowMs : counters.lastSuccessAtMs,
  };
}
