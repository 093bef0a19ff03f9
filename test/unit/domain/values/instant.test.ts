import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertNever,
  epochMs,
  formatInstant,
  parseInstant,
  parseTradeInstant,
} from '../../../../domain/values/index.js';

describe('parseInstant', () => {
  it.each<[string, string | null]>([
    ['2013-10-07T13:30:00Z', '2013-10-07T13:30:00.000Z'],
    ['2013-10-07T13:30:00.5Z', '2013-10-07T13:30:00.500Z'],
    ['2013-10-07T13:30:00.123456789Z', '2013-10-07T13:30:00.123Z'],
    ['2013-10-07T13:30:00.999999999Z', '2013-10-07T13:30:00.999Z'],
    ['2013-10-07T09:30:00.25-04:00', '2013-10-07T13:30:00.250Z'],
    ['2013-10-07T13:30:00', null],
    ['2013-10-07', null],
    ['2013-10-07 13:30:00Z', null],
    ['2013-13-07T13:30:00Z', null],
    ['2013-10-07T25:30:00Z', null],
    ['2013-10-07T13:30:00.1234567890Z', null],
    ['', null],
    ['yesterday', null],
  ])('%j → %s', (text, expected) => {
    const parsed = parseInstant(text);
    expect(parsed === null ? null : formatInstant(parsed)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['2026-10-05T14:30:00.095216400Z', '2026-10-05T14:30:00.095216Z', '.095Z'],
    ['2026-10-05T14:30:00.123999700Z', '2026-10-05T14:30:00.124Z', '.124Z'],
    ['2026-10-05T14:30:00.999999500Z', '2026-10-05T14:30:01Z', '01.000Z'],
    ['2026-10-05T10:30:00.1239997-04:00', '2026-10-05T14:30:00.124Z', '.124Z'],
    ['2026-10-05T14:30:00Z', '2026-10-05T14:30:00.000000Z', '00.000Z'],
  ])('a trade that the stream tells at %s, and a list at %s → one instant', (one, other, end) => {
    const [told, listed] = [one, other].map(parseTradeInstant);
    expect(told).not.toBeNull();
    expect(told).toBe(listed);
    expect(formatInstant(epochMs(told ?? 0)).endsWith(end)).toBe(true);
  });

  it.each(['', 'yesterday', '2026-10-05', '2026-10-05T14:30:00.Z', '2026-10-05T14:30:00'])(
    'a trade at %j → null',
    (text) => {
      expect(parseTradeInstant(text)).toBeNull();
    },
  );

  it('any instant → its text → the same instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (value) => {
        expect(parseInstant(formatInstant(epochMs(value)))).toBe(value);
      }),
    );
  });

  it('epochMs: a fraction of a millisecond → assertion', () => {
    expect(() => epochMs(0.5)).toThrow('expected epoch milliseconds');
  });

  it('assertNever: a member that nobody decided → assertion with what it was', () => {
    const stranger: unknown = { state: 'strange' };
    expect(() => assertNever(stranger as never)).toThrow('{"state":"strange"}');
  });
});
