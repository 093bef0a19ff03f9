import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../adapters/broker/errors.js';
import { wholeUnits } from '../../domain/values/index.js';
import { ACCOUNT, at, newAccount, orderRow, systemStateRow } from '../store/rows-fixture.js';
import { MARKET_ORDER, shellThatAnswers } from './answering-shell.js';
import { type TestShell, testShell } from './shell-fixture.js';

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
      amount: null,
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

  it('by amount → the amount goes with it, the answer tells the quantity', async () => {
    const { test, sent } = await shellThatAnswers({ quantity: '0.688705234' });
    const words = ['--symbol', 'SPY', '--side', 'buy', '--notional', '100.00'];
    expect(await test.run('order', 'submit', ...words)).toBe(0);
    expect(sent[0]?.order).toMatchObject({ quantity: 0, amount: 100_000_000, type: 'market' });
    expect(test.out.at(-1)).toBe('buy 0.688705234 SPY: accepted');
  });

  it.each([
    { words: ['--notional', '0'], says: 'invalid_amount: expected --notional to be above 0' },
    { words: ['--notional', '1.0000001'], says: 'invalid_amount: expected at most 6 decimals' },
  ])('$words → denied', async ({ words, says }) => {
    const { test, sent } = await shellThatAnswers({});
    const wish = ['--symbol', 'SPY', '--side', 'buy', ...words];
    expect(await test.run('order', 'submit', ...wish)).toBe(1);
    expect(test.out.at(-1)).toContain(`${words[1]} USD of SPY: denied: ${says}`);
    expect(sent).toEqual([]);
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
    {
      name: 'a quantity and an amount',
      words: ['--notional', '100'],
      says: '--qty or --notional, found both',
    },
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

  const directly = async (environment: Readonly<Record<string, string>>, account: string) => {
    const test = await testShell({ environment });
    await test.books.openAccount(newAccount(account));
    await test.books.transaction(account, async (transaction) => {
      await transaction.systemState.set(systemStateRow({ updatedAtWallMs: at(9) }));
      const { intent } = orderRow('ord-a').order;
      await transaction.orders.create(orderRow('ord-a', { intent: { ...intent, account } }));
    });
    const credentials: unknown[] = [];
    test.workers.cancelOrderDirectly = async (options) => {
      credentials.push(options.credentials);
      return { outcome: 'requested', message: 'taken', state: 'accepted' };
    };
    return { test, credentials };
  };
  const KEYS = { APCA_API_KEY_ID: 'PKX', APCA_API_SECRET_KEY: 's' };

  it.each([
    { account: 'alpaca-paper', keys: { keyId: 'PKX', secret: 's' } },
    { account: 'sim-other', keys: null },
  ])('no workflow, account $account → the keys that are its own', async ({ account, keys }) => {
    const { test, credentials } = await directly(KEYS, account);
    expect(await test.run('order', 'cancel', 'ord-a')).toBe(0);
    expect(credentials).toEqual([keys]);
  });

  it('no workflow and no keys → exit code 2 and what to do, nobody asked', async () => {
    const { test, credentials } = await directly({}, 'alpaca-paper');
    expect(await test.run('order', 'cancel', 'ord-a')).toBe(2);
    expect(test.err.at(-1)).toContain('name a file with --keys-file');
    expect(credentials).toEqual([]);
  });

  it('nobody can tell → exit code 1, and that asking again does no harm', async () => {
    const test = await testShell();
    test.workers.cancelOrderDirectly = async () => ({
      outcome: 'unknown',
      message: 'no answer within 10 s',
      state: 'accepted',
    });
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create(orderRow('ord-a'));
    });
    expect(await test.run('order', 'cancel', 'ord-a')).toBe(1);
    expect(test.out).toEqual([
      'order ord-a: unknown: no answer within 10 s (state accepted)',
      'perhaps canceled, nobody can tell yet: ask again, which does no harm',
    ]);
  });

  it('the broker cannot be asked → one line, and that nothing was canceled', async () => {
    const test = await testShell();
    test.workers.cancelOrderDirectly = () =>
      Promise.reject(new BrokerUnavailable('expected order ord-a, found no answer'));
    expect(await ask(test)).toBe(1);
    expect(test.err).toEqual([
      'ordinis: expected order ord-a, found no answer; nothing was canceled: ask again',
    ]);
  });

  it('the broker cannot → exit code 1', async () => {
    const test = await testShell({ running: true });
    test.client.cancelOrder = async () => ({
      outcome: 'not_cancelable',
      message: 'too late',
      state: 'accepted',
    });
    expect(await ask(test)).toBe(1);
  });

  it('it is over → answered from the books at once, nobody asked', async () => {
    const test = await testShell({ running: true });
    await test.books.transaction(ACCOUNT, async (transaction) => {
      const progress = { state: 'filled', brokerOrderId: 'b1' } as const;
      await transaction.orders.create(orderRow('ord-a', { progress }));
    });
    expect(await test.run('order', 'cancel', 'ord-a')).toBe(0);
    expect(test.out.at(-1)).toBe(
      'order ord-a: already_closed: the order is filled already (state filled)',
    );
  });

  it('it is over and another works in its place → exit code 1, and which', async () => {
    const test = await testShell({ running: true });
    await test.books.transaction(ACCOUNT, async (transaction) => {
      const progress = { state: 'replaced', brokerOrderId: 'b1', replacedBy: 'b2' } as const;
      await transaction.orders.create(orderRow('ord-a', { progress }));
      const working = { state: 'accepted', brokerOrderId: 'b3' } as const;
      await transaction.orders.create(orderRow('ord-a.r2', { progress: working }));
    });
    expect(await test.run('order', 'cancel', 'ord-a')).toBe(1);
    const says = 'the order is replaced already, and ord-a.r2 works in its place: name that one';
    expect(test.out).toEqual([`order ord-a: already_closed: ${says} (state replaced)`]);
    expect(await test.run('order', 'replace', 'ord-a', '--limit', '140')).toBe(1);
    expect(test.out.at(-1)).toContain(says);
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
