import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admitCall,
  BREAKER_TRIAL_WAIT_MS,
  type Breaker,
  breakerRetryAfterMs,
  breakerStatus,
  closedBreaker,
  outageOf,
  recordCall,
  recordProbe,
  ticketOf,
} from '../../../../domain/safety/breaker.js';

/** One call from its admission to its outcome, or the wait it was told. */
function call(breaker: Breaker, succeeded: boolean, nowMs: number): Breaker {
  const { breaker: admitted, decision } = admitCall(breaker, nowMs);
  return decision.ok
    ? recordCall(admitted, { ticket: decision.ticket, succeeded, nowMs })
    : admitted;
}

function calls(breaker: Breaker, outcomes: string, nowMs: number): Breaker {
  return outcomes.split('').reduce((last, outcome) => call(last, outcome === '+', nowMs), breaker);
}

describe('breaker: when it opens', () => {
  it.each([
    { outcomes: '----', status: 'closed' },
    { outcomes: '-----', status: 'open' },
    { outcomes: '----+----', status: 'closed' },
    { outcomes: '----+-----', status: 'open' },
    { outcomes: '++++++', status: 'closed' },
  ])('$outcomes → $status', ({ outcomes, status }) => {
    expect(breakerStatus(calls(closedBreaker(), outcomes, 100), 100)).toBe(status);
  });
});

describe('breaker: while it is open', () => {
  const open = calls(closedBreaker(), '-----', 1_000);

  it.each([
    { nowMs: 1_000, retryAfterMs: 30_000 },
    { nowMs: 30_999, retryAfterMs: 1 },
  ])('at $nowMs → refused, wait $retryAfterMs', ({ nowMs, retryAfterMs }) => {
    expect(admitCall(open, nowMs).decision).toEqual({ ok: false, retryAfterMs });
    expect(breakerRetryAfterMs(open, nowMs)).toBe(retryAfterMs);
  });

  it('30 s later → half open, three trials at once and no fourth', () => {
    let breaker = open;
    const decisions = Array.from({ length: 4 }, () => {
      const admitted = admitCall(breaker, 31_000);
      breaker = admitted.breaker;
      return admitted.decision.ok;
    });
    expect(decisions).toEqual([true, true, true, false]);
    expect(breakerStatus(breaker, 31_000)).toBe('half_open');
    expect(breakerRetryAfterMs(breaker, 31_000)).toBe(BREAKER_TRIAL_WAIT_MS);
  });

  it('a call that no breaker blocks succeeds → counted, still open', () => {
    const outcome = { ticket: ticketOf(open), succeeded: true, nowMs: 2_000 };
    const after = recordCall(open, outcome);
    expect(breakerStatus(after, 2_000)).toBe('open');
    expect(after.counters.successfulCalls).toBe(1);
  });
});

describe('breaker: half open', () => {
  const open = calls(closedBreaker(), '-----', 0);

  it.each([
    { outcomes: '++', status: 'half_open' },
    { outcomes: '+++', status: 'closed' },
    { outcomes: '-', status: 'open' },
    { outcomes: '++-', status: 'open' },
  ])('$outcomes → $status', ({ outcomes, status }) => {
    expect(breakerStatus(calls(open, outcomes, 30_000), 30_000)).toBe(status);
  });

  it('a trial fails → open for 30 s from then', () => {
    const again = calls(open, '-', 40_000);
    expect(breakerRetryAfterMs(again, 40_000)).toBe(30_000);
  });

  it('closed again → five failures are needed once more', () => {
    const closed = calls(open, '+++', 30_000);
    expect(breakerStatus(calls(closed, '----', 31_000), 31_000)).toBe('closed');
    expect(breakerStatus(calls(closed, '-----', 31_000), 31_000)).toBe('open');
  });

  it.each([true, false])('an answer from before it opened (%s) → decides nothing', (succeeded) => {
    const before = closedBreaker();
    const late = { ticket: ticketOf(before), succeeded, nowMs: 30_000 };
    const halfOpen = admitCall(open, 30_000).breaker;
    expect(recordCall(halfOpen, late).circuit).toEqual(halfOpen.circuit);
  });
});

describe('breaker: an outage', () => {
  const open = calls(call(closedBreaker(), false, 100), '----', 2_000);
  /** Three calls of another class go well, after the circuit was open for its time. */
  const closedByOthers = [1, 2, 3].reduce((last) => {
    const { breaker } = admitCall(last, 40_000);
    return recordProbe(breaker, { ticket: ticketOf(breaker), succeeded: true, nowMs: 40_000 });
  }, open);

  it('four failures in a row → none yet', () => {
    expect(outageOf(calls(closedBreaker(), '----', 0))).toBeNull();
  });

  it('five → from the first of them to the last', () => {
    expect(outageOf(open)).toEqual({ fromMs: 100, throughMs: 2_000 });
  });

  it('a trial fails → it goes on; a half-open circuit ends nothing', () => {
    const halfOpen = admitCall(open, 32_000).breaker;
    expect(outageOf(halfOpen)).toEqual({ fromMs: 100, throughMs: 2_000 });
    expect(outageOf(call(open, false, 32_000))).toEqual({ fromMs: 100, throughMs: 32_000 });
  });

  it('other calls close the circuit → no call of this class, and the outage goes on', () => {
    expect(breakerStatus(closedByOthers, 40_000)).toBe('closed');
    expect(closedByOthers.counters.totalCalls).toBe(5);
    const again = call(closedByOthers, false, 130_000);
    expect(outageOf(again)).toEqual({ fromMs: 100, throughMs: 130_000 });
  });

  it('one success of the class itself → over', () => {
    expect(outageOf(call(closedByOthers, true, 130_000))).toBeNull();
  });
});

describe('breaker: counters', () => {
  it('a mixed life → every figure', () => {
    const opened = calls(calls(closedBreaker(), '++-+', 10), '-----', 20);
    const closed = calls(opened, '+++', 30_020);
    expect(closed.counters).toEqual({
      totalCalls: 12,
      successfulCalls: 6,
      failedCalls: 6,
      consecutiveFailures: 0,
      consecutiveSuccesses: 3,
      failingSinceMs: null,
      lastFailureAtMs: 20,
      lastSuccessAtMs: 30_020,
      stateChanges: 3,
    });
  });

  it('any life → totals add up, and it opens only after five failures in a row', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20_000 })));
    fc.assert(
      fc.property(steps, (life) => {
        let breaker = closedBreaker();
        let nowMs = 0;
        for (const [succeeded, waitMs] of life) {
          nowMs += waitMs;
          const before = breakerStatus(breaker, nowMs);
          breaker = call(breaker, succeeded, nowMs);
          const after = breakerStatus(breaker, nowMs);
          if (before === 'closed' && after === 'open') {
            expect(breaker.counters.consecutiveFailures).toBeGreaterThanOrEqual(5);
          }
          if (before === 'open') expect(after).toBe('open');
        }
        const { totalCalls, successfulCalls, failedCalls } = breaker.counters;
        expect(successfulCalls + failedCalls).toBe(totalCalls);
      }),
    );
  });
});
