import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CANCEL_POLICIES,
  HALT_REASONS,
  haltModeOf,
  readHaltRequest,
  strictestMode,
} from '../../../../domain/safety/halt-request.js';

describe('readHaltRequest', () => {
  it('a complete request → as it was sent, nothing added', () => {
    const request = {
      reason: 'daily_loss',
      message: 'lost 1,000 USD',
      triggeredBy: 'risk',
      metadata: { lossUsd: '1000' },
      cancel: 'cancel-all',
    } as const;
    expect(readHaltRequest(request)).toEqual(request);
  });

  it.each(HALT_REASONS)('reason %s alone → halts for it, protection stays', (reason) => {
    const request = readHaltRequest({ reason });
    expect([request.reason, request.cancel, request.metadata]).toEqual([
      reason,
      'keep-protection',
      {},
    ]);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a text', 'stop!', '"stop!"'],
    ['a number', 42, '42'],
    ['a list', [{ reason: 'manual' }], '[{"reason":"manual"}]'],
    ['an unknown reason', { reason: 'panic' }, '{"reason":"panic"}'],
    ['a reason in capitals', { reason: 'MANUAL' }, '{"reason":"MANUAL"}'],
    ['an inherited word as reason', { reason: 'toString' }, '{"reason":"toString"}'],
    ['an unknown field', { why: 'smoke' }, '{"why":"smoke"}'],
    ['a message that is not a text', { message: 7 }, '{"message":7}'],
    ['metadata that is not an object', { metadata: 'x' }, '{"metadata":"x"}'],
    ['an unknown policy', { cancel: 'everything' }, '{"cancel":"everything"}'],
    ['a cycle', cycle, 'input that cannot be shown'],
    ['a big integer', 10n, 'input that cannot be shown'],
  ])('%s → halts as unspecified and keeps what was found', (_name, input, received) => {
    expect(readHaltRequest(input)).toMatchObject({
      reason: 'unspecified',
      triggeredBy: 'unknown',
      cancel: 'keep-protection',
      metadata: { received },
    });
  });

  it('a known reason beside an unknown field → the reason counts, the rest is kept', () => {
    const request = readHaltRequest({ reason: 'manual', metadata: { a: 1 }, extra: true });
    expect(request.reason).toBe('manual');
    expect(request.message).toBe('halted by hand');
    expect(request.metadata['a']).toBe(1);
    expect(request.metadata['received']).toContain('"extra":true');
  });

  it('a very long text → cut, still a halt', () => {
    const request = readHaltRequest({ message: 'x'.repeat(10_000), triggeredBy: 'y'.repeat(999) });
    expect([request.message.length, request.triggeredBy.length]).toEqual([500, 500]);
  });

  it('anything at all → a request with members of the closed sets', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (input) => {
        const request = readHaltRequest(input);
        expect(HALT_REASONS).toContain(request.reason);
        expect(CANCEL_POLICIES).toContain(request.cancel);
        expect(request.message.length).toBeGreaterThan(0);
        expect(request.triggeredBy.length).toBeGreaterThan(0);
      }),
    );
  });

  it('any JSON → read again from its own JSON, the same halt', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const { metadata, ...request } = readHaltRequest(input);
        const again = readHaltRequest(JSON.parse(JSON.stringify({ ...request, metadata })));
        expect(again).toMatchObject(request);
      }),
    );
  });
});

describe('modes', () => {
  it.each(HALT_REASONS)('%s → reduces for losses, halts for everything else', (reason) => {
    const isLoss = ['daily_loss', 'drawdown', 'consecutive_losses'].includes(reason);
    expect(haltModeOf(reason)).toBe(isLoss ? 'reduce_only' : 'halted');
  });

  it.each([
    [[], 'none'],
    [['reduce_only'], 'reduce_only'],
    [['reduce_only', 'halted'], 'halted'],
    [['halted', 'reduce_only'], 'halted'],
  ] as const)('%j → %s', (modes, strictest) => {
    expect(strictestMode(modes.map((mode) => ({ mode })))).toBe(strictest);
  });
});
