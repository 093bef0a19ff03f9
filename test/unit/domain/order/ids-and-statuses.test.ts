import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brokerStatuses,
  compareBrokerInstants,
  type Decision,
  deriveClientOrderId,
  eventOfBrokerStatus,
  isDerivedByOrdinis,
  parseClientOrderId,
} from '../../../../domain/order/index.js';
import { epochMs } from '../../../../domain/values/index.js';
import { strategyNames } from '../../../../strategies/registry.js';
import { at } from './order-fixture.js';

const decision: Decision = {
  strategy: 'moving-average-cross',
  symbol: 'SPY',
  decidedAtMs: at(60),
  leg: 'entry',
};

describe('deriveClientOrderId', () => {
  it('an equal decision → the equal id, readable and safe', () => {
    expect(deriveClientOrderId({ ...decision })).toBe(deriveClientOrderId(decision));
    expect(deriveClientOrderId(decision)).toBe('ord-movingaveragecro-SPY-hmhqmsyo-entry');
    expect(isDerivedByOrdinis(deriveClientOrderId(decision))).toBe(true);
  });

  it.each<[string, Partial<Decision>]>([
    ['strategy', { strategy: 'demonstration' }],
    ['symbol', { symbol: 'IBM' }],
    ['instant, by a millisecond', { decidedAtMs: at(60.001) }],
    ['leg', { leg: 'exit' }],
  ])('another %s → another id', (_name, change) => {
    expect(deriveClientOrderId({ ...decision, ...change })).not.toBe(deriveClientOrderId(decision));
  });

  it('the strategies of the registry → ids that never meet', () => {
    const ids = strategyNames().map((strategy) => deriveClientOrderId({ ...decision, strategy }));
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('any decision of allowed length → at most 48 safe characters that parse', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z-]{0,30}$/),
        text,
        fc.integer({ min: 0, max: 2_800_000_000_000 }),
        fc.stringMatching(/^[a-z0-9]{1,8}$/),
        (strategy, symbol, decidedAtMs, leg) => {
          const id = deriveClientOrderId({
            strategy,
            symbol,
            decidedAtMs: epochMs(decidedAtMs),
            leg,
          });
          expect(id.length).toBeLessThanOrEqual(48);
          expect(parseClientOrderId(id)).toBe(id);
        },
      ),
    );
  });

  it('what does not fit → assertion, before anything is sent', () => {
    const long = { ...decision, symbol: 'A'.repeat(20) };
    expect(() => deriveClientOrderId(long)).toThrow('expected a safe client order id');
  });
});

describe('parseClientOrderId', () => {
  it.each([
    ['my-order_1.a', true],
    ['a'.repeat(48), true],
    ['a'.repeat(49), false],
    ['', false],
    ['-a', false],
    ['a b', false],
    ['a/b', false],
    ['a\n', false],
    ['ä', false],
  ])('%j → %s', (text, isSafe) => {
    expect(parseClientOrderId(text)).toBe(isSafe ? text : null);
  });
});

describe('eventOfBrokerStatus', () => {
  it.each([
    ['new', 'reported_accepted'],
    ['pending_new', 'reported_accepted'],
    ['accepted', 'reported_accepted'],
    ['partially_filled', 'reported_accepted'],
    ['filled', 'reported_accepted'],
    ['done_for_day', 'reported_accepted'],
    ['calculated', 'reported_accepted'],
    ['stopped', 'reported_accepted'],
    ['suspended', 'reported_accepted'],
    ['held', 'reported_held'],
    ['pending_cancel', 'reported_pending_cancel'],
    ['pending_replace', 'reported_pending_replace'],
    ['canceled', 'reported_canceled'],
    ['expired', 'reported_expired'],
    ['replaced', 'reported_replaced'],
    ['rejected', 'reported_rejected'],
  ])('%s → %s', (status, event) => {
    expect(eventOfBrokerStatus(status)).toBe(event);
  });

  it.each(['', 'NEW', 'cancelled', 'toString', '__proto__', 'constructor', 'melted'])(
    '%j, a word that nobody decided about → null',
    (status) => {
      expect(eventOfBrokerStatus(status)).toBeNull();
    },
  );

  it('the table for documents → the words that are decided', () => {
    for (const [status, event] of brokerStatuses()) expect(eventOfBrokerStatus(status)).toBe(event);
    expect(brokerStatuses().length).toBe(18);
  });
});

describe('compareBrokerInstants', () => {
  it.each([
    ['2013-10-07T13:30:00Z', '2013-10-07T13:30:01Z', -1],
    ['2013-10-07T13:30:00.1Z', '2013-10-07T13:30:00.10Z', 0],
    ['2013-10-07T13:30:00.000000001Z', '2013-10-07T13:30:00Z', 1],
    ['2013-10-07T13:30:00.123456788Z', '2013-10-07T13:30:00.123456789Z', -1],
    ['2013-10-07T13:30:00.999999999Z', '2013-10-07T13:30:01.000000000Z', -1],
    ['2013-10-07T09:30:00.5-04:00', '2013-10-07T13:30:00.5Z', 0],
    ['nonsense', '2013-10-07T13:30:00Z', -1],
  ])('%s against %s → %i', (left, right, sign) => {
    expect(Math.sign(compareBrokerInstants(left, right))).toBe(sign);
    expect(Math.sign(compareBrokerInstants(right, left))).toBe(-sign === 0 ? 0 : -sign);
  });
});
