import { describe, expect, it } from 'vitest';
import {
  orderBody,
  startTestExchange,
  temporaryFolder,
  type TestExchange,
} from './running-exchange.js';
import { listenToTradeUpdates } from './stream-client.js';

const LIMIT = orderBody({ type: 'limit', limit_price: '99', client_order_id: 'one' });

async function openExchange(): Promise<TestExchange> {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  return exchange;
}

async function statusOf(exchange: TestExchange, id: string): Promise<string> {
  return (await exchange.get(`/v2/orders/${id}`)).body.status;
}

async function truth(exchange: TestExchange): Promise<readonly unknown[]> {
  return (await exchange.journal('order')).map((entry) => entry['event']);
}

describe('exchange faults: stuck orders', () => {
  it('stuck pending_new → never works, until the fault is removed', async () => {
    const exchange = await openExchange();
    const fault = await exchange.fault({ method: 'POST' }, { kind: 'pend_forever' });
    const { body } = await exchange.post('/v2/orders', orderBody());
    expect(body.status).toBe('pending_new');
    await exchange.goTo('13:35');
    expect(await statusOf(exchange, body.id)).toBe('pending_new');
    expect(await truth(exchange)).toEqual(['pending_new']);
    await exchange.remove(`/_fault/${fault}`);
    expect(await statusOf(exchange, body.id)).toBe('filled');
    expect(await truth(exchange)).toEqual(['pending_new', 'new', 'fill']);
  });

  it('stuck pending_cancel → accepted with 204, still open; it may even fill', async () => {
    const exchange = await openExchange();
    const updates = await listenToTradeUpdates(exchange);
    const { body } = await exchange.post('/v2/orders', LIMIT);
    const fault = await exchange.fault({ method: 'DELETE' }, { kind: 'pend_forever' });
    expect((await exchange.remove(`/v2/orders/${body.id}`)).status).toBe(204);
    expect(await statusOf(exchange, body.id)).toBe('pending_cancel');
    expect((await exchange.get('/v2/orders')).body).toMatchObject([{ status: 'pending_cancel' }]);
    await expect.poll(() => updates.events().at(-1)).toBe('pending_cancel');
    expect((await exchange.patch(`/v2/orders/${body.id}`, { limit_price: '98' })).status).toBe(422);
    await exchange.remove(`/_fault/${fault}`);
    expect(await statusOf(exchange, body.id)).toBe('canceled');
    await expect.poll(() => updates.events().at(-1)).toBe('canceled');
  });

  it('stuck pending_replace → two orders, neither cancels; released → replaced', async () => {
    const exchange = await openExchange();
    const { body: old } = await exchange.post('/v2/orders', LIMIT);
    const fault = await exchange.fault({ method: 'PATCH' }, { kind: 'pend_forever' });
    const { body } = await exchange.patch(`/v2/orders/${old.id}`, { limit_price: '98' });
    expect(body).toMatchObject({ status: 'pending_new', replaces: old.id, limit_price: '98' });
    expect(await statusOf(exchange, old.id)).toBe('pending_replace');
    expect((await exchange.remove(`/v2/orders/${old.id}`)).status).toBe(422);
    expect((await exchange.patch(`/v2/orders/${old.id}`, { limit_price: '97' })).status).toBe(422);
    await exchange.remove(`/_fault/${fault}`);
    expect(await statusOf(exchange, old.id)).toBe('replaced');
    expect(await statusOf(exchange, body.id)).toBe('new');
  });

  it('the old order fills while its replacement is pending → the new one is rejected', async () => {
    const exchange = await startTestExchange({
      market: {
        kind: 'synthetic',
        date: '2013-10-07',
        symbols: ['SPY'],
        rolling: false,
      },
    });
    await exchange.goTo('13:31');
    await exchange.fault({ method: 'POST' }, { kind: 'force_partial', units: 4 });
    const order = orderBody({ type: 'limit', limit_price: '9999.99', qty: '10' });
    const { body: old } = await exchange.post('/v2/orders', order);
    expect(await statusOf(exchange, old.id)).toBe('partially_filled');
    await exchange.fault({ method: 'PATCH' }, { kind: 'pend_forever' });
    const change = { limit_price: '9999.98' };
    const { body } = await exchange.patch(`/v2/orders/${old.id}`, change);
    expect(body).toMatchObject({ qty: '10', filled_qty: '0' });
    await exchange.goTo('13:33');
    expect(await statusOf(exchange, old.id)).toBe('filled');
    expect(await statusOf(exchange, body.id)).toBe('rejected');
    expect(await truth(exchange)).toEqual([
      'pending_new',
      'new',
      'partial_fill',
      'pending_replace',
      'pending_new',
      'fill',
      'rejected',
    ]);
  });

  it('stuck orders survive a restart from the state file, and are released after it', async () => {
    const stateFile = `${temporaryFolder()}/state.jsonl`;
    const market = { kind: 'synthetic', date: '2013-10-07', symbols: ['SPY'] } as const;
    const options = { stateFile, market: { ...market, rolling: false } };
    const first = await startTestExchange(options);
    await first.goTo('13:31');
    const fault = await first.fault({ method: 'POST' }, { kind: 'pend_forever' });
    const { body } = await first.post('/v2/orders', orderBody({ qty: '1' }));
    await first.close();
    const second = await startTestExchange(options);
    expect(await statusOf(second, body.id)).toBe('pending_new');
    await second.remove(`/_fault/${fault}`);
    expect(await statusOf(second, body.id)).toBe('filled');
  });
});

describe('exchange faults: said yes, then no', () => {
  it('reject after 200 → rejected a moment later, nothing traded, nothing reserved', async () => {
    const exchange = await openExchange();
    const updates = await listenToTradeUpdates(exchange);
    await exchange.fault({ method: 'POST' }, { kind: 'reject_later' });
    const before = (await exchange.get('/v2/account')).body['buying_power'];
    const { body } = await exchange.post('/v2/orders', orderBody());
    expect(body.status).toBe('pending_new');
    const { body: after } = await exchange.get(`/v2/orders/${body.id}`);
    expect(after).toMatchObject({ status: 'rejected', failed_at: expect.any(String) });
    await expect.poll(() => updates.events()).toEqual(['pending_new', 'rejected']);
    expect((await exchange.get('/v2/account')).body['buying_power']).toBe(before);
    expect(await exchange.journal('execution')).toEqual([]);
  });

  it('a cancel rejected after 204 → the order works on', async () => {
    const exchange = await openExchange();
    const { body } = await exchange.post('/v2/orders', LIMIT);
    await exchange.fault({ method: 'DELETE' }, { kind: 'reject_later' });
    expect((await exchange.remove(`/v2/orders/${body.id}`)).status).toBe(204);
    expect(await statusOf(exchange, body.id)).toBe('new');
    expect(await truth(exchange)).toEqual([
      'pending_new',
      'new',
      'pending_cancel',
      'order_cancel_rejected',
    ]);
  });

  it('a replacement rejected after 200 → the old order works on, the new never did', async () => {
    const exchange = await openExchange();
    const { body: old } = await exchange.post('/v2/orders', LIMIT);
    await exchange.fault({ method: 'PATCH' }, { kind: 'reject_later' });
    const { body } = await exchange.patch(`/v2/orders/${old.id}`, { limit_price: '98' });
    expect(await statusOf(exchange, old.id)).toBe('new');
    expect(await statusOf(exchange, body.id)).toBe('rejected');
    expect((await truth(exchange)).slice(2)).toEqual([
      'pending_replace',
      'pending_new',
      'order_replace_rejected',
      'rejected',
    ]);
  });

  it('force_partial → the first fill is of so many units, the rest follows', async () => {
    const exchange = await openExchange();
    await exchange.fault({ clientOrderId: 'one' }, { kind: 'force_partial', units: 3 });
    await exchange.post('/v2/orders', orderBody({ client_order_id: 'one' }));
    expect(await exchange.journal('execution')).toMatchObject([{ quantity: '3' }]);
    await exchange.goTo('13:32');
    expect(await exchange.journal('execution')).toMatchObject([
      { quantity: '3', cumulativeQuantity: '3' },
      { quantity: '7', cumulativeQuantity: '10' },
    ]);
  });
});

describe('exchange faults: trades taken back', () => {
  it('bust → the shares and the cash are back, the order has filled less', async () => {
    const exchange = await openExchange();
    const updates = await listenToTradeUpdates(exchange);
    const { body } = await exchange.post('/v2/orders', orderBody({ client_order_id: 'one' }));
    await exchange.fault({ clientOrderId: 'one' }, { kind: 'bust' });
    await expect.poll(() => updates.events().at(-1)).toBe('trade_bust');
    const [fill, bust] = updates.updates().slice(-2);
    expect(bust).toMatchObject({
      previous_execution_id: fill?.['execution_id'],
      qty: '10',
      position_qty: '0',
    });
    expect((await exchange.get(`/v2/orders/${body.id}`)).body).toMatchObject({ filled_qty: '0' });
    expect((await exchange.get('/v2/positions')).body).toEqual([]);
    expect((await exchange.get('/v2/account')).body['cash']).toBe('100000');
    expect(await exchange.journal('execution_busted')).toMatchObject([
      { executionId: fill?.['execution_id'] },
    ]);
    const again = { match: { clientOrderId: 'one' }, action: { kind: 'bust' } };
    expect((await exchange.post('/_fault', again)).status).toBe(422);
  });

  it('correction → the same units at another price, under a new execution id', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', orderBody({ client_order_id: 'one' }));
    await exchange.fault({ clientOrderId: 'one' }, { kind: 'correct', price: '100.5' });
    expect((await exchange.get('/v2/account')).body['cash']).toBe('98995');
    expect((await exchange.get('/v2/positions/SPY')).body).toMatchObject({
      qty: '10',
      avg_entry_price: '100.5',
    });
    const [original] = await exchange.journal('execution');
    const [corrected] = await exchange.journal('execution_corrected');
    expect(corrected).toMatchObject({
      price: '100.5',
      previousExecutionId: original?.['executionId'],
    });
    expect(corrected?.['executionId']).not.toBe(original?.['executionId']);
    const bad = { match: { clientOrderId: 'one' }, action: { kind: 'correct', price: '-1' } };
    expect((await exchange.post('/_fault', bad)).status).toBe(422);
  });
});
