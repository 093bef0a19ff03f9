import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HaltRequest } from '../../../domain/safety/halt-request.js';
import { haltDirectly } from '../../../workers/halt-directly.js';
import { type RunRecord, writeRunRecord } from '../../../workers/run-record.js';
import {
  answerJson,
  openScriptedServer,
  type SeenRequest,
  wireOrder,
} from '../../adapters/scripted-server.js';
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
    expect(report.unresolved).toEqual([expect.stringMatching(/^the look after the cancel failed/)]);
  });

  it('a run at Alpaca → the market runs with the wall', async () => {
    const { atMs, beforeMs } = await halt({ ...RUN, mode: 'paper', exchange: null });
    expect(atMs).toBeGreaterThanOrEqual(beforeMs);
  });
});

type Wire = (request: SeenRequest) => { readonly status: number; readonly body: unknown };

/** An exchange that answers as a test says, and the halt of an account whose folder names it. */
async function haltAt(wire: Wire, { account, ofRun }: { account: string; ofRun: string }) {
  const server = await openScriptedServer((request, response) => {
    const { status, body } = wire(request);
    answerJson(response, status, body);
  });
  const exchange = { ...GONE, tradingUrl: server.url };
  writeRunRecord(test.folder, { ...RUN, account: ofRun, exchange });
  try {
    const report = await haltDirectly({ dataDirectory: test.folder, account, request: REQUEST });
    return { report, asked: server.requests.map(({ method, path }) => `${method} ${path}`) };
  } finally {
    await server.close();
  }
}

describe('haltDirectly: the run of the folder', () => {
  const empty: Wire = () => ({ status: 200, body: [] });

  it.each([
    { account: ACCOUNT, says: `expected a run of account ${ACCOUNT} in this folder` },
    { account: 'alpaca-paper', says: 'expected keys for account alpaca-paper' },
  ])('traded another account than $account → not asked, and said', async ({ account, says }) => {
    const { report, asked } = await haltAt(empty, { account, ofRun: 'sim-older' });
    expect(asked).toEqual([]);
    expect(report).toMatchObject({ file: 'done', canceled: null, otherAccount: 'sim-older' });
    expect(report.unresolved).toEqual([expect.stringContaining(says)]);
  });

  it('traded this account → asked, and nothing is left', async () => {
    const { report, asked } = await haltAt(empty, { account: ACCOUNT, ofRun: ACCOUNT });
    expect(asked).toContain('GET /v2/orders');
    expect(report).toMatchObject({ cancel: 'done', otherAccount: null, unresolved: [] });
  });
});

describe('haltDirectly: the looks after the cancel', () => {
  /** One open order until it is canceled; then so many looks fail, and then nothing is open. */
  const failing = (looks: number): Wire => {
    let isCanceled = false;
    let left = looks;
    return ({ method, path }) => {
      if (method === 'DELETE') isCanceled = true;
      const isLook = path === '/v2/orders' && isCanceled;
      if (isLook && left > 0) {
        left -= 1;
        return { status: 500, body: { message: 'internal server error' } };
      }
      return { status: 200, body: path === '/v2/orders' && !isCanceled ? [wireOrder()] : [] };
    };
  };
  const own = { account: ACCOUNT, ofRun: ACCOUNT };

  it('one fails → looked at again, and complete', async () => {
    const { report } = await haltAt(failing(1), own);
    expect(report).toMatchObject({ cancel: 'done', canceled: { requested: 1 }, unresolved: [] });
  });

  it('all fail → canceled under the same cause, and what is left is not known', async () => {
    const { report } = await haltAt(failing(Number.POSITIVE_INFINITY), own);
    expect(report).toMatchObject({ cancel: 'done', canceled: { requested: 1 } });
    expect(report.unresolved).toEqual([
      expect.stringContaining('the look after the cancel failed, so nobody knows what is left'),
    ]);
    const causes = await test.database.books.reader(ACCOUNT).halts.openCauses();
    expect(causes.map(({ causeId }) => causeId)).toEqual([report.causeId]);
  });
});
