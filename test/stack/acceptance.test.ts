import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CARDS } from '../acceptance/cards/index.js';
import { main } from '../acceptance/main.js';
import { openBench, type OpenedBench } from '../acceptance/open-bench.js';
import { readOptions } from '../acceptance/options.js';
import { jsonReport, lineOf, markdownReport } from '../acceptance/report.js';
import { type CardResult, runCard } from '../acceptance/run-cards.js';
import { checkFolder, violationsOf } from '../support/stack-evidence.js';

describe('the acceptance cards', () => {
  it('each has a number of its own; the last two leave nothing', () => {
    const numbers = CARDS.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.at(-2)).toBe(90);
  });

  it.each(CARDS)('$number, $title: says its steps and what must be seen', (card) => {
    for (const text of [card.purpose, card.skipWhen]) expect(text).not.toBe('');
    expect(card.steps.length).toBeGreaterThan(0);
    expect(card.expected.length).toBeGreaterThan(0);
  });

  it('readOptions: a broker that nobody knows → refused; the two → taken', () => {
    expect(() => readOptions(['--broker', 'alpaca-live'])).toThrow('found alpaca-live');
    expect(() => readOptions([])).toThrow('found none');
    expect(() => readOptions(['--broker', 'exchange', '--symbol', 'spy;'])).toThrow('--symbol');
    expect(readOptions(['--broker', 'exchange'])).toMatchObject({ symbol: 'SPY', report: null });
  });

  it('at Alpaca without keys: exit code 2, and nothing was started', async () => {
    expect(await main(['--broker', 'alpaca-paper'], {})).toBe(2);
  });
});

describe('at the exchange', () => {
  let opened: OpenedBench;
  const results: CardResult[] = [];

  beforeAll(async () => {
    opened = await openBench({ broker: 'exchange', symbol: 'SPY', environment: {} });
    const { bench } = opened;
    await bench.system.start();
    await bench.see('the market is open', () => bench.isMarketOpen());
  });
  afterAll(() => opened.close());

  it.each(CARDS)('card $number, $title', async (card) => {
    const result = await runCard(opened.bench, card);
    results.push(result);
    expect(lineOf(result)).toContain('passed');
    expect(result.seen).not.toEqual([]);
  });

  it('afterwards: the books equal the journal, nothing is open, nothing is held', async () => {
    const verdicts = await checkFolder(opened.bench.system.dataDirectory);
    expect(violationsOf(verdicts)).toEqual([]);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]?.statement.openOrders).toEqual([]);
    expect(verdicts[0]?.statement.positions.size).toBe(0);
    const fired = [...(verdicts[0]?.journal.firedFaults ?? [])].sort();
    expect(fired).toEqual([
      ...['cut_stream', 'drop_before', 'execute_then_drop', 'execute_then_drop', 'mute_event'],
      'reject_later',
    ]);
  });

  it('the report: every card with what was seen', () => {
    const startedAt = '2026-01-05T09:00:00.000Z';
    const report = { broker: 'exchange', account: 'sim', startedAt, results } as const;
    const text = markdownReport(report);
    for (const { number, title } of CARDS) expect(text).toContain(`Card ${number}: ${title}: pass`);
    expect(JSON.parse(jsonReport(report)).results).toHaveLength(CARDS.length);
  });
});
