import { describe, expect, it } from 'vitest';
import { recordDeniedWish } from '../../activities/order/deny-wish.js';
import type { ManualOrder } from '../../cli/ports.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { epochMs, price, wholeUnits } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/order.js';
import { ACCOUNT, orderRow } from '../store/rows-fixture.js';
import { type TestShell, testShell } from './shell-fixture.js';

const MARKET_ORDER = ['--symbol', 'SPY', '--side', 'buy', '--qty', '10'];

function viewOf(order: ManualOrder, change: Partial<OrderView>): OrderView {
  return {
    clientOrderId: order.clientOrderId,
    state: 'accepted',
    version: 2,
    brokerOrderId: 'b1',
    quantity: '10',
    filledQuantity: '0',
    averagePrice: null,
    detail: null,
    needsAttention: false,
    ...change,
  };
}

async function shellThatAnswers(change: Partial<OrderView>) {
  const test = await testShell({ running: true });
  test.workers.denyDirectly = async ({ account, denied }) => {
    const clock = { nowMs: () => epochMs(1_000) };
    const clocks = { marketClock: clock, wallClock: clock };
    await test.books.transaction(account, (transaction) =>
      recordDeniedWish(transaction, clocks, { ...denied, attempt: '1' }),
    );
  };
  const sent: { readonly order: ManualOrder; readonly printed: readonly string[] }[] = [];
  test.client.submitOrder = async (order) => {
    sent.push({ order, printed: [...test.out, ...test.err] });
    return viewOf(order, change);
  };
  return { test, sent };
}

describe('ordinis order submit', () => {
  it('a market order → the id is printed before it is sent, then the answer', async () => {
    const { test, sent } = await shellThatAnswers({});

    expect(await test.run('order', 'submit', ...MARKET_ORDER)).toBe(0);

    const id = sent[0]?.order.clientOrderId ?? '';
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(sent[0]?.printed).toEqual([`client order id: ${id}`]);
    expect(sent[0]?.order).toEqual({
      clientOrderId: id,
      symbol: 'SPY',
      side: 'buy',
      quantity: wholeUnits(10),
      type: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      extendedHours: false,
      orderClass: 'simple',
      takeProfit: null,
      stopLoss: null,
    });
    expect(test.out.at(-1)).toBe('buy 10 SPY: accepted');
  });

  it('--json → standard output is the answer alone', async () => {
    const { test } = await shellThatAnswers({ state: 'filled', filledQuantity: '10' });
    expect(await test.run('order', 'submit', ...MARKET_ORDER, '--id', 'mine-1', '--json')).toBe(0);
    expect(test.out).toHaveLength(1);
    expect(test.json()).toMatchObject({ clientOrderId: 'mine-1', state: 'filled' });
    expect(test.err).toEqual(['client order id: mine-1']);
  });

  it.each([
    { state: 'denied', says: 'denied: order_notional_max: too large' },
    { state: 'refused', says: 'refused: order_notional_max: too large' },
    { state: 'unknown', says: 'perhaps sent, nobody can tell yet; do not send it again' },
  ] as const)('$state → exit code 1, and why', async ({ state, says }) => {
    const { test } = await shellThatAnswers({ state, detail: 'order_notional_max: too large' });
    expect(await test.run('order', 'submit', ...MARKET_ORDER)).toBe(1);
    expect(test.out.at(-1)).toContain(says);
  });

  it('exact decimals → taken to the last digit', async () => {
    const { test, sent } = await shellThatAnswers({});
    const words = ['--symbol', 'BRK.B', '--side', 'sell', '--qty', '0.000000001'];
    const prices = ['--type', 'stop_limit', '--limit', '145.200000001', '--stop', '145.1'];
    expect(await test.run('order', 'submit', ...words, ...prices, '--tif', 'gtc')).toBe(0);
    expect(sent[0]?.order).toMatchObject({
      quantity: 1,
      limitPrice: 145_200_000_001,
      stopPrice: 145_100_000_000,
      timeInForce: 'gtc',
    });
  });

  it('a bracket → its exits go with it', async () => {
    const { test, sent } = await shellThatAnswers({});
    const exits = ['--class', 'bracket', '--take-profit', '150', '--stop-loss', '140'];
    expect(
      await test.run('order', 'submit', ...MARKET_ORDER, ...exits, '--stop-limit', '139.5'),
    ).toBe(0);
    expect(sent[0]?.order).toMatchObject({
      type: 'market',
      orderClass: 'bracket',
      takeProfit: 150_000_000_000,
      stopLoss: { stopPrice: 140_000_000_000, limitPrice: 139_500_000_000 },
    });
  });

  it('an oco → the limit order of its take-profit', async () => {
    const { test, sent } = await shellThatAnswers({});
    const words = ['--symbol', 'SPY', '--side', 'sell', '--qty', '10', '--class', 'oco'];
    const exits = ['--take-profit', '150', '--stop-loss', '140'];
    expect(await test.run('order', 'submit', ...words, ...exits)).toBe(0);
    expect(sent[0]?.order).toMatchObject({
      type: 'limit',
      orderClass: 'oco',
      limitPrice: 150_000_000_000,
      takeProfit: 150_000_000_000,
      stopLoss: { stopPrice: 140_000_000_000, limitPrice: null },
    });
  });

  it.each([
    { name: 'an unknown class', words: ['--class', 'mleg'], says: 'simple, bracket, oco, oto' },
    {
      name: 'the limit of a stop that is not there',
      words: ['--stop-limit', '139'],
      says: 'expected --stop-loss',
    },
    { name: 'an id like a revision', words: ['--id', 'mine.r1'], says: 'the revision of another' },
    { name: 'an unknown side', words: ['--side', 'long'], says: 'buy, sell' },
    {
      name: 'an unknown type',
      words: ['--type', 'iceberg'],
      says: 'market, limit, stop, stop_limit',
    },
    {
      name: 'a limit order without a limit',
      words: ['--type', 'limit'],
      says: 'expected --limit for a limit order',
    },
    {
      name: 'a market order with a limit',
      words: ['--limit', '10'],
      says: 'expected no --limit for a market order',
    },
    { name: 'an id with a space', words: ['--id', 'my order'], says: '--id' },
    { name: 'an id of 49 characters', words: ['--id', 'x'.repeat(49)], says: '1 to 48' },
  ])('$name → exit code 2, nothing sent', async ({ words, says }) => {
    const { test, sent } = await shellThatAnswers({});
    expect(await test.run('order', 'submit', ...MARKET_ORDER, ...words)).toBe(2);
    expect(test.err).toHaveLength(1);
    expect(test.err[0]).toContain(says);
    expect(sent).toEqual([]);
  });

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

  it('the id of another wish → denied, the first order stays as it is', async () => {
    const { test, sent } = await shellThatAnswers({});
    const held = orderRow('mine-1');
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create(held);
    });
    const words = ['--symbol', 'SPY', '--side', 'sell', '--qty', '7', '--id', 'mine-1'];
    expect(await test.run('order', 'submit', ...words)).toBe(1);
    expect(sent).toEqual([]);
    expect(test.out.at(-1)).toContain('denied: id_used_with_other_fields: ');
    expect(test.out.at(-1)).toContain('side, quantity');
    const reader = test.books.reader(ACCOUNT);
    expect(await reader.orders.byClientOrderId('mine-1')).toEqual(held);
    const audit = await reader.audit.from(1, 10);
    expect(audit.filter(({ kind }) => kind === 'wish_denied')).toHaveLength(1);
  });

  it('the id is taken by another wish while this one is asked → denied all the same', async () => {
    const { test } = await shellThatAnswers({});
    test.client.submitOrder = async (order) => {
      await test.books.transaction(ACCOUNT, async (transaction) => {
        await transaction.orders.create(orderRow('mine-1'));
      });
      return viewOf(order, {});
    };
    const words = ['--symbol', 'SPY', '--side', 'sell', '--qty', '7', '--id', 'mine-1'];
    expect(await test.run('order', 'submit', ...words)).toBe(1);
    expect(test.out.at(-1)).toContain('denied: id_used_with_other_fields: ');
  });

  it('the same wish under the same id again → asked, and answered with the first', async () => {
    const { test, sent } = await shellThatAnswers({ state: 'filled', filledQuantity: '10' });
    const row = orderRow('mine-1');
    const wish = { type: 'limit', timeInForce: 'day', stopPrice: null, ...WITHOUT_EXITS } as const;
    const limitPrice = price(145_200_000_000);
    const intent = { ...row.order.intent, ...wish, limitPrice, quantity: wholeUnits(10) };
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create({ ...row, order: { ...row.order, intent } });
    });
    const words = [...MARKET_ORDER, '--type', 'limit', '--limit', '145.2', '--id', 'mine-1'];
    expect(await test.run('order', 'submit', ...words)).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it('nothing given → everything that is needed, at once', async () => {
    const { test } = await shellThatAnswers({});
    expect(await test.run('order', 'submit')).toBe(2);
    expect(test.err).toEqual([
      'ordinis: expected --symbol, found none; add it',
      'ordinis: expected --side, found none; add it',
      'ordinis: expected --qty, found none; add it',
    ]);
  });
});

describe('ordinis order cancel', () => {
  const ask = async (test: TestShell) => {
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create(orderRow('ord-a'));
    });
    return test.run('order', 'cancel', 'ord-a', '--json');
  };

  it('its workflow answers → that is the answer', async () => {
    const test = await testShell({ running: true });
    const asked: unknown[] = [];
    test.client.cancelOrder = async (id, request) => {
      asked.push(id, request);
      return { outcome: 'requested', message: 'the broker took it', state: 'pending_cancel' };
    };
    expect(await ask(test)).toBe(0);
    expect(asked).toEqual(['ord-a', { requestedBy: 'ann', reason: 'canceled by hand' }]);
    expect(test.json()).toMatchObject({ outcome: 'requested', clientOrderId: 'ord-a' });
  });

  it.each([{ running: true }, { running: false }])(
    'no workflow answers (running: $running) → the same directly',
    async ({ running }) => {
      const test = await testShell({ running });
      test.client.cancelOrder = () => Promise.reject(new Error('workflow not found'));
      test.workers.cancelOrderDirectly = async ({ account, clientOrderId }) => ({
        outcome: 'already_closed',
        message: `${account} ${clientOrderId}`,
        state: 'filled',
      });
      expect(await ask(test)).toBe(0);
      expect(test.json()).toMatchObject({ message: `${ACCOUNT} ord-a` });
    },
  );

  it('the broker cannot → exit code 1', async () => {
    const test = await testShell({ running: true });
    test.client.cancelOrder = async () => ({
      outcome: 'not_cancelable',
      message: 'too late',
      state: 'accepted',
    });
    expect(await ask(test)).toBe(1);
  });

  it('an unknown order → exit code 1, nobody asked', async () => {
    const test = await testShell({ running: true });
    expect(await test.run('order', 'cancel', 'nothing')).toBe(1);
    expect(test.err[0]).toContain('expected an order nothing');
  });
});

describe('ordinis order replace', () => {
  const create = async (test: TestShell, state: 'accepted' | 'filled' = 'accepted') => {
    await test.books.transaction(ACCOUNT, async (transaction) => {
      const progress = { state, brokerOrderId: 'b1' } as const;
      await transaction.orders.create(orderRow('ord-a', { progress }));
    });
  };

  it('its workflow answers → what changes was told, what stays was not', async () => {
    const test = await testShell({ running: true });
    await create(test);
    const asked: unknown[] = [];
    test.client.replaceOrder = async (id, replacement) => {
      asked.push(id, replacement);
      return { outcome: 'requested', message: 'taken', state: 'replaced', replacement: 'ord-a.r1' };
    };
    const words = ['--limit', '145.3', '--qty', '20', '--json'];
    expect(await test.run('order', 'replace', 'ord-a', ...words)).toBe(0);
    expect(asked).toEqual([
      'ord-a',
      {
        requestedBy: 'ann',
        reason: 'replaced by hand',
        quantity: wholeUnits(20),
        limitPrice: 145_300_000_000,
        stopPrice: null,
        timeInForce: null,
      },
    ]);
    expect(test.json()).toMatchObject({ outcome: 'requested', replacement: 'ord-a.r1' });
  });

  it('refused → exit code 1, and why', async () => {
    const test = await testShell({ running: true });
    await create(test);
    test.client.replaceOrder = async () => ({
      outcome: 'refused',
      message: 'wash_trade: no',
      state: 'accepted',
      replacement: 'ord-a.r1',
    });
    expect(await test.run('order', 'replace', 'ord-a', '--limit', '145.3')).toBe(1);
    expect(test.out.at(-1)).toBe('order ord-a: refused: wash_trade: no (state accepted)');
  });

  it('closed already → exit code 1, nobody asked', async () => {
    const test = await testShell({ running: true });
    await create(test, 'filled');
    expect(await test.run('order', 'replace', 'ord-a', '--limit', '145.3')).toBe(1);
    expect(test.out.at(-1)).toContain('already_closed');
  });

  it('nothing runs → said what to do, nothing sent', async () => {
    const test = await testShell({ running: false });
    await create(test);
    expect(await test.run('order', 'replace', 'ord-a', '--limit', '145.3')).toBe(1);
    expect(test.err.at(-1)).toContain('it alone sends a replacement');
  });

  it('the workflow does not answer → look before you ask again', async () => {
    const test = await testShell({ running: true });
    await create(test);
    test.client.replaceOrder = () => Promise.reject(new Error('workflow not found'));
    expect(await test.run('order', 'replace', 'ord-a', '--limit', '145.3')).toBe(1);
    expect(test.err.at(-1)).toContain('before you ask again');
  });

  it.each([
    { words: [], says: 'say what changes' },
    { words: ['--qty', '0'], says: '--qty to be above 0' },
    { words: ['--limit', '1.0000000001'], says: 'at most 9 decimals' },
    { words: ['--tif', 'week'], says: 'day, gtc' },
  ])('$words → exit code 2', async ({ words, says }) => {
    const test = await testShell({ running: true });
    await create(test);
    expect(await test.run('order', 'replace', 'ord-a', ...words)).toBe(2);
    expect(test.err.at(-1)).toContain(says);
  });
});
