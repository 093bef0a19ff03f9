import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createTokenBucket,
  type TokenBucket,
  type TokenUse,
} from '../../adapters/broker/rate-limit.js';

const WALL_AT_START_MS = 1_790_000_000_000;

function bucketAt(limits: { readonly perMinute: number; readonly reserved: number }): {
  readonly bucket: TokenBucket;
  readonly time: { nowMs: number };
} {
  const time = { nowMs: 0 };
  const bucket = createTokenBucket({
    requestsPerMinute: limits.perMinute,
    reservedForCancels: limits.reserved,
    nowMs: () => time.nowMs,
    wallNowMs: () => WALL_AT_START_MS + time.nowMs,
  });
  return { bucket, time };
}

function takeAll(bucket: TokenBucket, use: TokenUse): number {
  let taken = 0;
  while (bucket.take(use).ok) taken += 1;
  return taken;
}

describe('token bucket: our own limit', () => {
  it('reads and orders → what is left for cancels stays', () => {
    const { bucket } = bucketAt({ perMinute: 10, reserved: 3 });
    expect(takeAll(bucket, 'read')).toBe(7);
    expect(bucket.take('submit')).toEqual({ ok: false, retryAfterMs: 60_000 });
    expect(takeAll(bucket, 'cancel')).toBe(3);
  });

  it('a halt reads → half of what is kept for cancels, and no more', () => {
    const { bucket } = bucketAt({ perMinute: 10, reserved: 4 });
    expect(takeAll(bucket, 'read')).toBe(6);
    expect(takeAll(bucket, 'halt_read')).toBe(2);
    expect(takeAll(bucket, 'cancel')).toBe(2);
  });

  it('cancels alone → may use all of it', () => {
    const { bucket } = bucketAt({ perMinute: 10, reserved: 3 });
    expect(takeAll(bucket, 'cancel')).toBe(10);
    expect(bucket.take('read').ok).toBe(false);
  });

  it('the wait that was told → enough, and not a millisecond too long', () => {
    const { bucket, time } = bucketAt({ perMinute: 3, reserved: 1 });
    bucket.take('read');
    time.nowMs = 10_000;
    bucket.take('read');
    const answer = bucket.take('read');
    expect(answer).toEqual({ ok: false, retryAfterMs: 50_000 });
    time.nowMs = 59_999;
    expect(bucket.take('read').ok).toBe(false);
    time.nowMs = 60_000;
    expect(bucket.take('read').ok).toBe(true);
    expect(bucket.take('read')).toEqual({ ok: false, retryAfterMs: 10_000 });
  });

  it('any demand → no minute sees more than the limit', () => {
    const demand = fc.array(
      fc.tuple(
        fc.constantFrom<TokenUse>('submit', 'read', 'cancel', 'halt_read'),
        fc.integer({ min: 0, max: 9_000 }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(demand, (requests) => {
        const { bucket, time } = bucketAt({ perMinute: 12, reserved: 4 });
        const takenAtMs: number[] = [];
        for (const [kind, waitMs] of requests) {
          time.nowMs += waitMs;
          if (bucket.take(kind).ok) takenAtMs.push(time.nowMs);
        }
        for (const startMs of takenAtMs) {
          const inMinute = takenAtMs.filter((at) => at >= startMs && at < startMs + 60_000);
          expect(inMinute.length).toBeLessThanOrEqual(12);
        }
      }),
    );
  });
});

describe('token bucket: what the broker says', () => {
  const resetInS = (seconds: number): number => WALL_AT_START_MS / 1_000 + seconds;

  it('fewer are left than we think → its figure rules until its reset', () => {
    const { bucket, time } = bucketAt({ perMinute: 100, reserved: 2 });
    bucket.observeHeaders(5, resetInS(20));
    expect(takeAll(bucket, 'read')).toBe(3);
    expect(bucket.take('submit')).toEqual({ ok: false, retryAfterMs: 20_000 });
    expect(takeAll(bucket, 'cancel')).toBe(2);
    time.nowMs = 20_000;
    expect(bucket.take('read').ok).toBe(true);
  });

  it('an older answer comes later → the lower figure stays', () => {
    const { bucket } = bucketAt({ perMinute: 100, reserved: 0 });
    bucket.observeHeaders(1, resetInS(20));
    bucket.observeHeaders(50, resetInS(20));
    expect(takeAll(bucket, 'read')).toBe(1);
  });

  it('a new window → its figure, whatever the last one said', () => {
    const { bucket } = bucketAt({ perMinute: 100, reserved: 0 });
    bucket.observeHeaders(0, resetInS(20));
    bucket.observeHeaders(4, resetInS(80));
    expect(takeAll(bucket, 'read')).toBe(4);
  });

  it.each([
    { what: 'long ago', seconds: -400_000_000, retryAfterMs: null },
    { what: 'in a year', seconds: 31_000_000, retryAfterMs: 60_000 },
  ])('a reset $what (clocks differ) → at most a minute', ({ seconds, retryAfterMs }) => {
    const { bucket } = bucketAt({ perMinute: 100, reserved: 0 });
    bucket.observeHeaders(0, resetInS(seconds));
    const answer = bucket.take('read');
    expect(answer).toEqual(retryAfterMs === null ? { ok: true } : { ok: false, retryAfterMs });
  });
});
