import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minuteFolder } from '../../../adapters/market-data/files/minute-folder.js';
import { marketDate } from '../../../domain/market/index.js';
import { parsePrice } from '../../../domain/values/index.js';
import { describeWithRealData } from '../../support/real-data.js';

const DATE = marketDate('2013-10-07');
const TRADES = 't,o,h,l,c,v\n2013-10-07T13:30:00Z,10,12,9,11,500\n';
const QUOTES = 't,bo,bh,bl,bc,bs,ao,ah,al,ac,as\n2013-10-07T13:30:00Z,1,1,1,1,100,2,2,2,2,300\n';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'minute-folder-'));
  await mkdir(join(root, 'SPY'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('minuteFolder', () => {
  it('plain and packed files → the same bars', async () => {
    await writeFile(join(root, 'SPY', '20131007_trade.csv'), TRADES);
    await mkdir(join(root, 'IBM'));
    await writeFile(join(root, 'IBM', '20131007_trade.csv.gz'), gzipSync(TRADES));
    const plain = await minuteFolder(root).bars('SPY', DATE);
    const packed = await minuteFolder(root).bars('IBM', DATE);
    expect(plain).toMatchObject({ ok: true, value: [{ symbol: 'SPY', close: parsePrice('11') }] });
    expect(packed).toMatchObject({ ok: true, value: [{ symbol: 'IBM', close: parsePrice('11') }] });
  });

  it('quotes → both sides', async () => {
    await writeFile(join(root, 'SPY', '20131007_quote.csv'), QUOTES);
    const result = await minuteFolder(root).quoteBars('SPY', DATE);
    const [bid, ask] = [parsePrice('1'), parsePrice('2')];
    expect(result).toMatchObject({
      ok: true,
      value: [{ bid: { close: bid }, ask: { close: ask } }],
    });
  });

  it('days → by symbol and date, other files left alone', async () => {
    for (const name of ['20131008_trade.csv', '20131007_trade.csv.gz', '20131007_quote.csv']) {
      await writeFile(join(root, 'SPY', name), '');
    }
    await writeFile(join(root, 'SPY', '20130231_trade.csv'), '');
    await writeFile(join(root, 'SPY', '20131009_quote.csv'), '');
    await writeFile(join(root, 'README'), '');
    await mkdir(join(root, 'AAPL'));
    expect(await minuteFolder(root).days()).toEqual({
      ok: true,
      value: [
        { symbol: 'SPY', date: '2013-10-07', hasQuotes: true },
        { symbol: 'SPY', date: '2013-10-08', hasQuotes: false },
      ],
    });
  });

  it('no such folder, file or symbol → refused by name', async () => {
    expect(await minuteFolder(join(root, 'nowhere')).days()).toMatchObject({
      ok: false,
      fault: { code: 'no_folder' },
    });
    for (const symbol of ['SPY', 'QQQ', '../SPY', 'README/x']) {
      expect(await minuteFolder(root).bars(symbol, DATE)).toMatchObject({
        ok: false,
        fault: { code: 'no_file' },
      });
    }
  });

  it('a folder in place of a file → unreadable', async () => {
    await mkdir(join(root, 'SPY', '20131007_trade.csv'));
    expect(await minuteFolder(root).bars('SPY', DATE)).toMatchObject({
      ok: false,
      fault: { code: 'unreadable', message: expect.stringContaining('EISDIR') },
    });
  });

  it.each([
    ['not gzip at all', Buffer.from(TRADES)],
    ['cut short', gzipSync(TRADES).subarray(0, 30)],
  ])('a packed file that is %s → damaged', async (_name, bytes) => {
    await writeFile(join(root, 'SPY', '20131007_trade.csv.gz'), bytes);
    expect(await minuteFolder(root).bars('SPY', DATE)).toMatchObject({
      ok: false,
      fault: { code: 'damaged' },
    });
  });

  it('a malformed row → the file and the line', async () => {
    await writeFile(join(root, 'SPY', '20131007_trade.csv'), `${TRADES}nonsense\n`);
    expect(await minuteFolder(root).bars('SPY', DATE)).toMatchObject({
      ok: false,
      fault: { code: 'malformed', message: expect.stringMatching(/20131007_trade\.csv:3: /) },
    });
  });
});

describeWithRealData('recorded minutes', (data) => {
  it('every recorded day → readable, one without quotes', async () => {
    const folder = minuteFolder(join(data.root, 'minute'));
    const days = await folder.days();
    if (!days.ok) throw new Error(days.fault.message);
    expect(days.value).toHaveLength(18);
    const withoutQuotes = days.value.filter((day) => !day.hasQuotes);
    expect(withoutQuotes).toMatchObject([{ symbol: 'GOOG', date: '2015-12-23' }]);
    for (const { symbol, date, hasQuotes } of days.value) {
      expect(await folder.bars(symbol, date)).toMatchObject({ ok: true });
      expect((await folder.quoteBars(symbol, date)).ok).toBe(hasQuotes);
    }
  });
});
