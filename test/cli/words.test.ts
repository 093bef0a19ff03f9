import { describe, expect, it } from 'vitest';
import { linksOf, temporalHaltCommand } from '../../cli/links.js';
import { renderPairs, renderTable } from '../../cli/table.js';
import {
  averageText,
  durationText,
  money,
  moneyOfText,
  newYorkText,
  priceText,
} from '../../cli/words.js';
import { epochMs, price, quantity, usd } from '../../domain/values/index.js';
import { RUN } from './shell-fixture.js';

describe('tables', () => {
  it('rows → aligned columns, numbers by their last digit, no borders', () => {
    const columns = [{ title: 'symbol' }, { title: 'P&L', align: 'right' as const }];
    const rows = [
      ['SPY', '1,250.00'],
      ['IBM', '-3.50'],
    ];
    expect(renderTable(columns, rows, 'none')).toEqual([
      'symbol       P&L',
      'SPY     1,250.00',
      'IBM        -3.50',
    ]);
  });

  it('no rows → the line that says so', () => {
    expect(renderTable([{ title: 'symbol' }], [], 'no positions')).toEqual(['no positions']);
  });

  it('pairs → values under each other', () => {
    expect(
      renderPairs([
        ['a', '1'],
        ['longer', '2'],
      ]),
    ).toEqual(['a       1', 'longer  2']);
  });
});

describe('words for people', () => {
  it.each([
    [usd(0), '0.00'],
    [usd(999_999_999), '1,000.00'],
    [usd(-1_234_567_890_000), '-1,234,567.89'],
    [usd(-4_999), '0.00'],
    [null, '-'],
  ])('money %s → %s', (value, text) => {
    expect(money(value)).toBe(text);
  });

  it.each([
    ['0', '0.00'],
    ['-12.345678', '-12.35'],
    ['99987.654322', '99,987.65'],
    ['-0.004', '0.00'],
    ['0.005', '0.01'],
    ['soon', 'soon'],
  ])('money of a report "%s" → %s', (text, shown) => {
    expect(moneyOfText(text)).toBe(shown);
  });

  it.each([
    [145_000_000_000, '145.00'],
    [145_200_000_000, '145.20'],
    [145_200_000_001, '145.200000001'],
  ])('price of %i nano-dollars → %s', (nanos, text) => {
    expect(priceText(price(nanos))).toBe(text);
  });

  it('an average → four decimals; of nothing → a dash', () => {
    expect(averageText(usd(10_000_000), quantity(3_000_000_000))).toBe('3.3333');
    expect(averageText(usd(0), quantity(0))).toBe('-');
  });

  it.each([
    [Date.UTC(2013, 9, 7, 13, 30), '2013-10-07 09:30:00'],
    [Date.UTC(2014, 0, 2, 14, 30), '2014-01-02 09:30:00'],
  ])('instant %i → New York %s, summer and winter', (atMs, text) => {
    expect(newYorkText(epochMs(atMs))).toBe(text);
  });

  it.each([
    [900, '1 s'],
    [59_000, '59 s'],
    [840_000, '14 min'],
    [7_500_000, '2 h 05 min'],
  ])('%i ms → %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('links and commands of a run', () => {
  it('a Web UI → three pages, each address encoded once', () => {
    const workflows = 'http://127.0.0.1:8233/namespaces/ordinis/workflows';
    expect(linksOf({ ...RUN, uiUrl: 'http://127.0.0.1:8233/' })).toEqual({
      ui: 'http://127.0.0.1:8233',
      orders:
        `${workflows}?query=OrdAccount%3D%22sim-2013-10-07-1%22` +
        '%20and%20WorkflowType%3D%22order%22',
      needAttention: `${workflows}?query=OrdNeedsAttention%3Dtrue`,
      killSwitch: `${workflows}/kill-switch%2Fsim-2013-10-07-1`,
    });
  });

  it('no Web UI → no links', () => {
    expect(linksOf({ ...RUN, uiUrl: null })).toBeNull();
  });

  it.each([
    { folder: '/clone/data', flag: '' },
    { folder: '/tmp/other', flag: '--data-dir /tmp/other ' },
    { folder: "/tmp/it's here", flag: "--data-dir '/tmp/it'\\''s here' " },
  ])('data folder $folder → halt command with "$flag"', ({ folder, flag }) => {
    const command = temporalHaltCommand(RUN, {
      dataDirectory: folder,
      usualDirectory: '/clone/data',
    });
    expect(command).toContain(`npm run temporal -- ${flag}workflow signal --workflow-id`);
  });
});
