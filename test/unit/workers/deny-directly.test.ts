import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { denyDirectly } from '../../../workers/deny-directly.js';
import { type RunRecord, writeRunRecord } from '../../../workers/run-record.js';
import { RUN } from '../../cli/shell-fixture.js';
import { KEYS, startTestExchange } from '../../exchange/running-exchange.js';
import { openTestDatabase, type TestDatabase } from '../../store/open-books.js';
import { ACCOUNT, alertRow, at, newAccount } from '../../store/rows-fixture.js';

const DENIED = {
  clientOrderId: 'mine-1',
  actor: 'ann',
  code: 'invalid_quantity',
  message: 'none',
  wish: {},
} as const;

let test: TestDatabase;

beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.books.openAccount(newAccount());
});

afterEach(async () => {
  await test.close();
});

async function exchangeOfRun(): Promise<NonNullable<RunRecord['exchange']>> {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  const { tradingUrl, streamUrl, dataUrl, dataStreamUrl } = exchange;
  return { pid: process.pid, tradingUrl, streamUrl, dataUrl, dataStreamUrl, ...KEYS };
}

/** What the denial left: its alert, and the wall time of its audit line. */
async function deny(run: RunRecord | null) {
  if (run !== null) writeRunRecord(test.folder, run);
  const beforeMs = Date.now();
  await denyDirectly({ dataDirectory: test.folder, account: ACCOUNT, denied: DENIED });
  const reader = test.database.books.reader(ACCOUNT);
  const alerts = await reader.alerts.recent(10);
  const alert = alerts.find(({ alertId }) => alertId.startsWith('wish-denied/'));
  const [line] = (await reader.audit.from(1, 10)).filter(({ kind }) => kind === 'wish_denied');
  for (const wallMs of [alert?.recordedAtWallMs, line?.atWallMs]) {
    expect(wallMs).toBeGreaterThanOrEqual(beforeMs);
  }
  return { atMs: alert?.atMs, beforeMs };
}

describe('denyDirectly: market time and wall time, each in its place', () => {
  it('a simulated run → the alert bears the time of its exchange', async () => {
    const { atMs } = await deny({ ...RUN, exchange: await exchangeOfRun() });
    expect(atMs).toBeGreaterThanOrEqual(at(60));
    expect(atMs).toBeLessThan(at(61));
  });

  it('its exchange does not answer → the last market time that the books know', async () => {
    const exchange = await exchangeOfRun();
    const nowhere = { ...exchange, tradingUrl: 'http://127.0.0.1:9' };
    await test.database.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.alerts.record({ ...alertRow('earlier'), atMs: at(30) });
    });
    expect((await deny({ ...RUN, exchange: nowhere })).atMs).toBe(at(30));
  });

  it('no run is known → the same', async () => {
    expect((await deny(null)).atMs).toBe(newAccount().createdAtMs);
  });

  it('a run at Alpaca → the market runs with the wall', async () => {
    const { atMs, beforeMs } = await deny({ ...RUN, mode: 'paper', exchange: null });
    expect(atMs).toBeGreaterThanOrEqual(beforeMs);
  });
});
