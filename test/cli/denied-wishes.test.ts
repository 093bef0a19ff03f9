import { describe, expect, it } from 'vitest';
import { ACCOUNT } from '../store/rows-fixture.js';
import { MARKET_ORDER, shellThatAnswers, viewOf } from './answering-shell.js';

describe('ordinis order submit: what is no order, and what is another one', () => {
  it.each([
    {
      name: 'ten decimals',
      words: ['--qty', '1.0000000001'],
      code: 'invalid_quantity',
      says: 'at most 9 decimals in --qty, found 10',
    },
    {
      name: 'a quantity of zero',
      words: ['--qty', '0'],
      code: 'invalid_quantity',
      says: '--qty to be above 0',
    },
    {
      name: 'a negative quantity',
      words: ['--qty=-1'],
      code: 'invalid_quantity',
      says: '--qty to be above 0',
    },
    {
      name: 'an exponent',
      words: ['--qty', '1e3'],
      code: 'invalid_quantity',
      says: '"1e3"',
    },
    {
      name: 'more than can be held',
      words: ['--qty', '9007200'],
      code: 'invalid_quantity',
      says: 'above 9,007,199 units is not supported',
    },
    {
      name: 'a symbol that is none',
      words: ['--symbol', 'spy'],
      code: 'unknown_symbol',
      says: '"spy"',
    },
    {
      name: 'an unknown time in force',
      words: ['--tif', 'week'],
      code: 'invalid_time_in_force',
      says: 'day, gtc',
    },
    {
      name: 'a price that is none',
      words: ['--type', 'limit', '--limit', 'cheap'],
      code: 'invalid_price',
      says: '--limit to be a number',
    },
    {
      name: 'an exit price of ten decimals',
      words: ['--class', 'oto', '--stop-loss', '140.0000000001'],
      code: 'invalid_exit_price',
      says: 'at most 9 decimals in --stop-loss',
    },
    {
      name: 'a quantity and a price that are none',
      words: ['--qty', '-2', '--type', 'limit', '--limit', '0'],
      code: 'invalid_quantity',
      says: '--limit to be above 0',
    },
  ])('$name → denied with $code before anything is sent, one audit line', async (bad) => {
    const { test, sent } = await shellThatAnswers({});
    const words = [...MARKET_ORDER, '--id', 'mine-1', ...bad.words];
    expect(await test.run('order', 'submit', ...words)).toBe(1);
    expect(sent).toEqual([]);
    expect(test.err).toEqual([]);
    expect(test.out.at(-1)).toContain(`denied: ${bad.code}: `);
    expect(test.out.at(-1)).toContain(bad.says);
    const reader = test.books.reader(ACCOUNT);
    const audit = (await reader.audit.from(1, 10)).filter(({ entity }) => entity === 'mine-1');
    expect(audit.map(({ kind, actor }) => ({ kind, actor }))).toEqual([
      { kind: 'wish_denied', actor: 'ann' },
    ]);
    expect(JSON.parse(audit[0]?.body ?? '')).toMatchObject({ code: bad.code });
    expect((await reader.alerts.recent(10)).map(({ type }) => type)).toEqual(['order_rejected']);
    expect(await reader.orders.recent(10)).toEqual([]);
  });

  it('--json of a denial → its code and the words of the wish', async () => {
    const { test } = await shellThatAnswers({});
    const words = [...MARKET_ORDER, '--qty', '0', '--id', 'mine-1', '--json'];
    expect(await test.run('order', 'submit', ...words)).toBe(1);
    expect(test.json()).toEqual({
      clientOrderId: 'mine-1',
      state: 'denied',
      quantity: '0',
      detail: 'invalid_quantity: expected --qty to be above 0, found "0"; correct it',
    });
  });

  it('shown afterwards → why it was denied, since no order stands for it', async () => {
    const { test } = await shellThatAnswers({});
    await test.run('order', 'submit', ...MARKET_ORDER, '--qty', '0', '--id', 'mine-1');
    expect(await test.run('order', 'show', 'mine-1')).toBe(0);
    expect(test.out.at(-1)).toMatch(/ {2}denied {2}invalid_quantity: expected --qty to be above 0/);
    expect(await test.run('order', 'show', 'mine-1', '--json')).toBe(0);
    expect(test.json()).toMatchObject({ clientOrderId: 'mine-1', state: 'denied' });
    expect(await test.run('order', 'show', 'mine')).toBe(1);
  });

  it('the id of another wish → said as the run answers it, with who asked and where', async () => {
    const { test } = await shellThatAnswers({});
    const detail = 'id_used_with_other_fields: it differs in side';
    const submitters: unknown[] = [];
    test.client.submitOrder = async (order, submitter) => {
      submitters.push(submitter);
      return viewOf(order, { state: 'denied', quantity: '7', detail });
    };
    const words = ['--symbol', 'SPY', '--side', 'sell', '--qty', '7', '--id', 'mine-1'];
    expect(await test.run('order', 'submit', ...words)).toBe(1);
    expect(test.out.at(-1)).toBe(`sell 7 SPY: denied: ${detail}`);
    expect(submitters).toEqual([{ by: 'ann', dataDirectory: test.dataDirectory }]);
  });
});
