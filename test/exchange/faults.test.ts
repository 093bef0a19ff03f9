import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  eventActionSchema,
  requestActionSchema,
  streamActionSchema,
  tradeActionSchema,
} from '../../exchange/faults/fault-action.js';
import { orderBody, startTestExchange } from './running-exchange.js';
import { listenToTradeUpdates } from './stream-client.js';

const LIMIT = { type: 'limit', limit_price: '99' };

describe('exchange faults: requests', () => {
  it('drop_before → the socket dies, no order; the next request is served', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const fault = {
      match: { method: 'POST', path: '/v2/orders' },
      action: { kind: 'drop_before' },
    };
    expect(await exchange.post('/_fault', fault)).toMatchObject({
      status: 201,
      body: { id: 'fault-1' },
    });
    const body = orderBody({ ...LIMIT, client_order_id: 'lost' });
    await expect(exchange.post('/v2/orders', body)).rejects.toThrow('fetch failed');
    expect((await exchange.get('/v2/orders:by_client_order_id?client_order_id=lost')).status).toBe(
      404,
    );
    expect(await exchange.journal('order')).toEqual([]);
    expect(await exchange.journal('request')).toContainEqual(
      expect.objectContaining({ clientOrderId: 'lost', status: null, isAnswered: false }),
    );
    expect(await exchange.journal('fault')).toContainEqual(
      expect.objectContaining({ change: 'fired', faultId: 'fault-1', action: 'drop_before' }),
    );
    expect((await exchange.post('/v2/orders', body)).status).toBe(200);
  });

  it('execute_then_drop → the socket dies, the order is there, a repeat is told so', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const updates = await listenToTradeUpdates(exchange);
    await exchange.post('/_fault', {
      match: { clientOrderId: 'kept' },
      action: { kind: 'execute_then_drop' },
    });
    const body = orderBody({ client_order_id: 'kept' });
    await expect(exchange.post('/v2/orders', body)).rejects.toThrow('fetch failed');
    await expect.poll(() => updates.events()).toEqual(['pending_new', 'new', 'fill']);
    const found = await exchange.get('/v2/orders:by_client_order_id?client_order_id=kept');
    expect(found.body.status).toBe('filled');
    expect((await exchange.post('/v2/orders', body)).body).toMatchObject({ code: 40010001 });
    expect(await exchange.journal('request')).toContainEqual(
      expect.objectContaining({ clientOrderId: 'kept', status: 200, isAnswered: false }),
    );
  });

  it('execute_then_drop on a cancel → the order is canceled', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const { body } = await exchange.post('/v2/orders', orderBody(LIMIT));
    await exchange.post('/_fault', {
      match: { method: 'DELETE', path: '/v2/orders/*' },
      action: { kind: 'execute_then_drop' },
    });
    await expect(exchange.remove(`/v2/orders/${body.id}`)).rejects.toThrow('fetch failed');
    expect((await exchange.get(`/v2/orders/${body.id}`)).body.status).toBe('canceled');
  });

  it('every kind of fault → put by a test that sees it', () => {
    const folder = dirname(fileURLToPath(import.meta.url));
    const texts = readdirSync(folder)
      .filter((name) => /^faults?\b.*\.test\.ts$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
    const kinds = [
      ...requestActionSchema.options,
      ...eventActionSchema.options,
      ...streamActionSchema.options,
      ...tradeActionSchema.options,
    ].map(({ shape }) => shape.kind.value);
    expect(kinds.length).toBeGreaterThan(20);
    const unseen = kinds.filter((kind) => !texts.some((text) => text.includes(`kind: '${kind}'`)));
    expect(unseen).toEqual([]);
  });

  it('nth and times → from the nth match on, so often', async () => {
    const exchange = await startTestExchange();
    await exchange.post('/_fault', {
      match: { path: '/v2/clock', nth: 2, times: 2 },
      action: { kind: 'drop_before' },
    });
    const outcomes: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      outcomes.push(
        await exchange.get('/v2/clock').then(
          () => 'ok',
          () => 'lost',
        ),
      );
    }
    expect(outcomes).toEqual(['ok', 'lost', 'lost', 'ok', 'ok']);
  });

  it('removed → gone; unknown → 404; malformed → 422; the controls are never hit', async () => {
    const exchange = await startTestExchange();
    const everything = { match: { path: '/*', times: null }, action: { kind: 'drop_before' } };
    await exchange.post('/_fault', everything);
    await expect(exchange.get('/v2/account')).rejects.toThrow('fetch failed');
    expect((await exchange.get('/_journal')).status).toBe(200);
    expect((await exchange.get('/_fault')).body).toMatchObject({
      faults: [{ id: 'fault-1', matchedCount: 1, firedCount: 1 }],
    });
    expect((await exchange.remove('/_fault/fault-9')).status).toBe(404);
    expect((await exchange.remove('/_fault/fault-1')).body).toEqual({ removedCount: 1 });
    expect((await exchange.get('/v2/account')).status).toBe(200);
    expect((await exchange.remove('/_fault')).body).toEqual({ removedCount: 0 });
    for (const bad of [
      {},
      { match: {}, action: { kind: 'explode' } },
      { match: { event: 'fill' }, action: { kind: 'drop_before' } },
      { match: { method: 'GET' }, action: { kind: 'mute_event' } },
    ]) {
      expect((await exchange.post('/_fault', bad)).status).toBe(422);
    }
  });
});

describe('exchange faults: events', () => {
  it('mute_event → the frame is missing, the journal has it, the step says so', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const updates = await listenToTradeUpdates(exchange);
    const fault = {
      match: { event: 'fill', clientOrderId: 'one' },
      action: { kind: 'mute_event' },
    };
    await exchange.post('/_fault', fault);
    await exchange.post('/v2/orders', orderBody({ client_order_id: 'one' }));
    const { body: step } = await exchange.get('/_clock');
    await exchange.post('/v2/orders', orderBody({ client_order_id: 'two' }));
    await expect
      .poll(() => updates.events())
      .toEqual(['pending_new', 'new', 'pending_new', 'new', 'fill']);
    const journaled = await exchange.journal('order');
    expect(journaled.map((entry) => entry['event'])).toEqual([
      'pending_new',
      'new',
      'fill',
      'pending_new',
      'new',
      'fill',
    ]);
    expect(step.lastEventId).toBe(journaled[1]?.['eventId']);
    expect(step['lastProducedEventId']).toBe(journaled[2]?.['eventId']);
    expect(await exchange.journal('fault')).toContainEqual(
      expect.objectContaining({ action: 'mute_event', eventId: journaled[2]?.['eventId'] }),
    );
  });
});
