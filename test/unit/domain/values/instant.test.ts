import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertNever,
  epochMs,
  formatInstant,
  parseInstant,
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
