import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HaltRequest } from '../../../domain/safety/halt-request.js';
import { haltDirectly } from '../../../workers/halt-directly.js';
import { type RunRecord, writeRunRecord } from '../../../workers/run-record.js';
import { RUN } from '../../cli/shell-fixture.js';
import { KEYS, orderBody, startTestExchange } from '../../exchange/running-exchange.js';
import { openTestDatabase, type TestDatabase } from '../../store/open-books.js';
import { ACCOUNT, alertRow, at, newAccount } from '../../store/rows-fixture.js';

const REQUEST = {
  reason: 'manual',
  message: 'enough',
  triggeredBy: 'ann',
  metadata: {},
  cancel: 'keep-protection',
} as const;
const NOWHERE = 'http://127.0.0.1:9';
const GONE: NonNullable<RunRecord['exchange']> = {
  pid: process.pid,
  tradingUrl: NOWHERE,
  streamUrl: NOWHERE,
  dataUrl: NOWHERE,
  dataStreamUrl: NOWHERE,
  ...KEYS,
};

let test: TestDatabase;

beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.books.openAccount(newAccount());
  await test.database.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.alerts.record({ ...alertRow('earlier'), atMs: at(30) });
  });
});

afterEach(async () => {
  await test.close();
});

/** What the halt left: its report, the time of its alert, and that of its beginning. */
async function halt(run: RunRecord, request: HaltRequest = REQUEST) {
  writeRunRecord(test.folder, run);
  const beforeMs = Date.now();
  const options = { dataDirectory: test.folder, account: ACCOUNT, request };
  const report = await haltDirectly(options);
  const reader = test.database.books.reader(ACCOUNT);
  const alerts = await reader.alerts.recent(10);
  const alert = alerts.find(({ alertId }) => alertId.startsWith('halt/'));
  expect(alert?.recordedAtWallMs).toBeGreaterThanOrEqual(beforeMs);
  expect((await reader.account())?.haltMode).toBe('halted');
  return { report, atMs: alert?.atMs, beforeMs };
}

describe('haltDirectly: halted in the books, whoever else is away', () => {
  it('the exchange of the run is gone → the last market time that the books know', async () => {
    const { report, atMs } = await halt({ ...RUN, exchange: GONE });
    expect(atMs).toBe(at(30));
    expect(report).toMatchObject({ file: 'done', books: 'done' });
    expect(report.unresolved[0]).toContain('the broker was not reached');
  });

  it('the broker takes the cancel and cannot be read → what was asked is told', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody({ type: 'limit', limit_price: '90' }));
    const reads = { method: 'GET', path: '/v2/orders*', times: null };
    await exchange.fault(reads, { kind: 'status', status: 503, body: 'no' });
    const { tradingUrl } = exchange;
    const run = { ...RUN, exchange: { ...GONE, tradingUrl } };
    const { report } = await halt(run, { ...REQUEST, cancel: 'cancel-all' });
    expect(report).toMatchObject({ cancel: 'done', canceled: { open: 1, requested: 1 } });
    expect(report.unresolved).toEqual([
      expect.stringMatching(/^the broker could not be looked at/),
    ]);
  });

  it('a run at Alpaca → the market runs with the wall', async () => {
    const { atMs, beforeMs } = await halt({ ...RUN, mode: 'paper', exchange: null });
    expect(atMs).toBeGreaterThanOrEqual(beforeMs);
  });
});
