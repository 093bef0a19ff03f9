import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWithRealData } from '../support/real-data.js';
import {
  RECORDED_SESSIONS,
  recordedFlags,
  type RecordedSession,
} from '../support/recorded-days.js';
import { checkFolder, checkWorkflowsOf, violationsOf } from '../support/stack-evidence.js';
import { openStackFolder, type StackFolder, told } from '../support/stack-folder.js';

/** The day that a reader is promised a minimum of trading on, and completed workflows. */
const PROMISED_DATE = '2013-10-07';
const ORDERS_MIN = 10;
const TRADES_CLOSED_MIN = 5;
/** With the defaults of the strategy, which turns nothing. Another number is another strategy. */
const ORDERS = 50;
const FILLS = 52;
/** One of each kind; the others prove nothing new often enough to wait for them every time. */
const ALWAYS = ['2013-10-07', '2014-06-09', '2015-12-24'];

const isLong = process.env['ORDINIS_TEST_LONG'] === '1';
const always = RECORDED_SESSIONS.filter(({ date }) => ALWAYS.includes(date));
const others = RECORDED_SESSIONS.filter(({ date }) => !ALWAYS.includes(date));

function named(sessions: readonly RecordedSession[]): readonly [string, RecordedSession][] {
  return sessions.map((one) => [`${one.date} ${one.symbols}, ${one.note}`, one]);
}

let folder: StackFolder;

beforeEach(async () => {
  folder = await openStackFolder('day');
});

afterEach(async () => {
  await folder.remove();
});

interface Summary {
  readonly state: string;
  readonly marketDate: string;
  readonly symbols: readonly string[];
  readonly orders: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly tradesClosed: number;
  readonly realizedPnlUsd: string;
  readonly equityUsd: string;
  readonly discrepancies: number;
  readonly wallMs: number;
}

/** Trades one session with `--once --json` and returns its last line. */
async function trade(flags: readonly string[]): Promise<Summary> {
  const end = await folder.run(['start', '--once', '--json', ...flags]);
  expect(end.code, told(end)).toBe(0);
  expect(end.lines).toHaveLength(1);
  return JSON.parse(end.lines[0] ?? '') as Summary;
}

const MICROS_IN_CENT = 10_000;

/** The figures of the summary are those of the books, which are those of the journal. */
async function expectSound(summary: Summary): Promise<void> {
  const verdicts = await checkFolder(folder.dataDirectory);
  expect(violationsOf(verdicts)).toEqual([]);
  const last = verdicts.at(-1);
  if (last === undefined) throw new Error('expected books, found none');
  const { books, journal } = last;
  expect(journal.firedFaults).toEqual([]);
  expect(summary).toMatchObject({ state: 'stopped', discrepancies: 0, fills: books.fills.length });
  expect(summary.orders).toMatchObject({ created: books.orders.length, unknown: 0 });
  expect(summary.tradesClosed).toBe(books.trades.filter((one) => one.closed_at_ms !== null).length);
  const realized = Number(books.account.realized_pnl_micros) / MICROS_IN_CENT / 100;
  expect(Number(summary.realizedPnlUsd)).toBeCloseTo(realized, 6);
}

describeWithRealData('a recorded day', (data) => {
  const title = '%s: the books equal the journal';
  const play = async (_name: string, session: RecordedSession): Promise<void> => {
    const summary = await trade(recordedFlags(data, session));
    await expectSound(summary);
    expect(summary.marketDate).toBe(session.date);
    expect(summary.symbols.join()).toBe(session.symbols);
    if (session.date !== PROMISED_DATE) return;
    expect(summary.orders['created']).toBeGreaterThanOrEqual(ORDERS_MIN);
    expect(summary.tradesClosed).toBeGreaterThanOrEqual(TRADES_CLOSED_MIN);
    expect([summary.orders['created'], summary.fills]).toEqual([ORDERS, FILLS]);
    const [verdict] = await checkFolder(folder.dataDirectory);
    if (verdict === undefined) throw new Error('expected books, found none');
    expect(await checkWorkflowsOf(folder.dataDirectory, verdict.books)).toEqual([]);
  };

  it.each(named(always))(title, play);

  if (!isLong) {
    const dates = others.map(({ date }) => date).join(', ');
    process.stderr.write(
      `LEFT OUT recorded days ${dates}: about 3 minutes more; set ORDINIS_TEST_LONG=1\n`,
    );
  }
  it.skipIf(!isLong).each(named(others))(title, play);
});

describe('a synthetic day', () => {
  it('the same command twice in one folder: the same decisions, and both balance', async () => {
    const flags = ['--market', 'synthetic', '--speed', 'max', '--symbols', 'SPY'];
    const first = await trade(flags);
    const second = await trade(flags);
    await expectSound(second);
    const verdicts = await checkFolder(folder.dataDirectory);
    expect(verdicts).toHaveLength(2);
    expect(first.orders['created']).toBeGreaterThan(0);
    expect(second).toMatchObject({
      orders: first.orders,
      realizedPnlUsd: first.realizedPnlUsd,
      equityUsd: first.equityUsd,
    });
  });
});
