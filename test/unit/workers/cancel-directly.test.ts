import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelOrderDirectly } from '../../../workers/cancel-directly.js';
import { writeRunRecord } from '../../../workers/run-record.js';
import { answerJson, openScriptedServer, wireOrder } from '../../adapters/scripted-server.js';
import { RUN } from '../../cli/shell-fixture.js';
import { KEYS } from '../../exchange/running-exchange.js';
import { openTestDatabase, type TestDatabase } from '../../store/open-books.js';
import { ACCOUNT, newAccount, orderRow } from '../../store/rows-fixture.js';

let test: TestDatabase;

beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.books.openAccount(newAccount());
  await test.database.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.orders.create(
      orderRow('ord-a', { progress: { state: 'accepted', brokerOrderId: 'b1' } }),
    );
  });
});

afterEach(async () => {
  await test.close();
});

const GONE = { message: 'order not found' };

/** The cancel of an order at an exchange that answers the request in this way. */
async function cancel(
  answer: { readonly status: number; readonly body: unknown },
  clientOrderId = 'ord-a',
) {
  const server = await openScriptedServer(({ method, query }, response) => {
    if (method === 'DELETE') answerJson(response, answer.status, answer.body);
    else if (query.get('client_order_id') === 'ord-new') answerJson(response, 404, GONE);
    else answerJson(response, 200, wireOrder({ client_order_id: 'ord-a' }));
  });
  const { url: tradingUrl } = server;
  const urls = {
    tradingUrl,
    streamUrl: tradingUrl,
    dataUrl: tradingUrl,
    dataStreamUrl: tradingUrl,
  };
  writeRunRecord(test.folder, { ...RUN, exchange: { pid: process.pid, ...urls, ...KEYS } });
  try {
    return await cancelOrderDirectly({
      dataDirectory: test.folder,
      account: ACCOUNT,
      clientOrderId,
      request: { requestedBy: 'ann', reason: 'odd' },
      credentials: null,
    });
  } finally {
    await server.close();
  }
}

describe('cancelOrderDirectly: what the broker said', () => {
  it.each([
    { status: 204, body: '', outcome: 'requested' },
    { status: 422, body: { message: 'already filled' }, outcome: 'not_cancelable' },
    { status: 404, body: { message: 'order not found' }, outcome: 'not_cancelable' },
    { status: 500, body: { message: 'internal server error' }, outcome: 'unknown' },
    { status: 504, body: '<html>', outcome: 'unknown' },
  ])('$status → $outcome', async ({ status, body, outcome }) => {
    expect(await cancel({ status, body })).toMatchObject({ outcome, state: 'accepted' });
  });

  it('why it cannot be canceled → the words of the broker', async () => {
    const answer = await cancel({ status: 422, body: { message: 'already filled' } });
    expect(answer.message).toBe('already filled');
  });

  async function storyOf(id: string): Promise<readonly string[]> {
    const history = await test.database.books.reader(ACCOUNT).orders.eventsOf(id);
    return history.map(({ kind, detail }) => `${kind} ${detail}`);
  }

  it('asked and answered → both in the books, so that nothing puts it back', async () => {
    await cancel({ status: 204, body: '' });
    expect(await storyOf('ord-a')).toEqual([
      'cancel_requested {"requestedBy":"ann","reason":"odd"}',
      'cancel_answered {"kind":"requested"}',
    ]);
    const records = await test.database.books.reader(ACCOUNT).audit.from(1, 100);
    expect(records.map(({ actor, kind }) => `${actor} ${kind}`)).toContain('ann cancel_requested');
  });

  it('an order that the broker does not show → its cancel is kept: no run sends it', async () => {
    await test.database.books.transaction(ACCOUNT, async ({ orders }) => {
      await orders.create(orderRow('ord-new'));
    });
    const answer = await cancel({ status: 204, body: '' }, 'ord-new');
    expect(answer).toMatchObject({ outcome: 'never_sent', state: 'created' });
    expect(await storyOf('ord-new')).toEqual([
      'cancel_requested {"requestedBy":"ann","reason":"odd"}',
    ]);
  });

  it('books that do not take it → canceled all the same, and said so', async () => {
    const file = new Database(join(test.folder, 'ordinis.db'));
    file.exec('ALTER TABLE order_events RENAME TO gone');
    file.close();
    const answer = await cancel({ status: 204, body: '' });
    expect(answer.outcome).toBe('requested');
    expect(answer.message).toContain('the broker took the request; not in the books: ');
  });

  it('an account at Alpaca without keys → throws what to do, and asks nobody', async () => {
    const account = 'alpaca-paper';
    await test.database.books.openAccount(newAccount(account));
    await test.database.books.transaction(account, async (transaction) => {
      const { intent } = orderRow('ord-b').order;
      await transaction.orders.create(orderRow('ord-b', { intent: { ...intent, account } }));
    });
    const asked = cancelOrderDirectly({
      dataDirectory: test.folder,
      account,
      clientOrderId: 'ord-b',
      request: { requestedBy: 'ann', reason: 'odd' },
      credentials: null,
    });
    await expect(asked).rejects.toThrow('expected keys for account alpaca-paper, found none');
  });
});
