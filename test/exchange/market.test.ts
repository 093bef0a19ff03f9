import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marketDate, nextTradingDay, tradingDay } from '../../domain/market/index.js';
import { assert } from '../../domain/values/index.js';
import { MarketFault } from '../../exchange/index.js';
import {
  marketEventsOf,
  openRecordedMarket,
  openSyntheticMarket,
} from '../../exchange/market/index.js';
import { describeWithRealData } from '../support/real-data.js';
import {
  orderBody,
  quietMarket,
  rowsOf,
  scriptedMarket,
  startTestExchange,
  temporaryFolder,
} from './running-exchange.js';

function faultOf(open: () => unknown): MarketFault {
  try {
    open();
  } catch (error) {
    if (error instanceof MarketFault) return error;
    throw error;
  }
  throw new Error('expected the market to be refused');
}

describe('recorded market: what is not there', () => {
  it.each([
    ['a date beyond the calendar', { date: '2028-12-29' }, 'bad_date', '2028-12-15'],
    ['a malformed date', { date: '2013-13-07' }, 'bad_date', 'YYYY-MM-DD'],
    ['a date without trading', { date: '2013-10-06' }, 'not_a_trading_day', '2013-10-07'],
    ['a date without data', { date: '2013-10-08' }, 'no_data_for_date', 'it has 2013-10-07'],
    ['an unknown symbol', { symbols: ['IBM'] }, 'unknown_symbol', 'one of SPY'],
    ['a malformed symbol', { symbols: ['../etc'] }, 'bad_symbol', 'SPY'],
    ['no symbols', { symbols: [] }, 'no_symbols', '1 to 100'],
    ['no folder', { directory: '/no/such/folder' }, 'unreadable_directory', 'ENOENT'],
  ])('%s → a fault of one line that says what there is', (_name, change, code, hint) => {
    const market = quietMarket();
    assert(market.kind === 'recorded', 'expected a recorded market');
    const fault = faultOf(() => openRecordedMarket({ ...market, ...change }));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(hint);
    expect(fault.message).not.toContain('\n');
  });

  it('a malformed row → its file and line', () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'SPY'));
    const file = join(directory, 'SPY', '20131007_trade.csv');
    writeFileSync(
      file,
      't,o,h,l,c,v\n2013-10-07T13:30:00Z,1,2,1,1,10\n2013-10-07T13:31:00Z,x,2,1,1,10\n',
    );
    const open = () => openRecordedMarket({ directory, date: '2013-10-07', symbols: ['SPY'] });
    expect(faultOf(open)).toMatchObject({
      code: 'malformed_file',
      message: expect.stringContaining('line 3'),
    });
  });

  it('no quotes → quotes one cent wide made from trades, and a note', async () => {
    const market = scriptedMarket([{ bar: '100 101 99 100.505', quote: '' }], { quotes: false });
    const exchange = await startTestExchange({ market });
    expect(exchange.notes).toEqual([
      'SPY 2013-10-07 has no recorded quotes: made from trades, one cent wide',
    ]);
    await exchange.goTo('13:31');
    const { body } = await exchange.get('/v2/stocks/SPY/quotes/latest');
    expect(body['quote']).toMatchObject({ bp: 100.5, ap: 100.51 });
  });
});

describe('synthetic market', () => {
  const options = {
    seed: 's',
    date: '2024-07-03',
    symbols: ['AAA', 'BBB'],
    isRolling: true,
    isTurbulent: false,
  };

  it('the same seed → the same events; another seed or symbol → others', () => {
    const events = (change: Partial<typeof options>) => {
      const source = openSyntheticMarket({ ...options, ...change });
      return JSON.stringify(marketEventsOf(source, source.firstDate));
    };
    expect(events({})).toBe(events({}));
    expect(events({ seed: 't' })).not.toBe(events({}));
    expect(events({ symbols: ['AAA', 'CCC'] })).not.toBe(events({}));
  });

  it('a half day and the day after → whole sessions, each from the close before', () => {
    const source = openSyntheticMarket(options);
    const half = source.symbolDay('AAA', source.firstDate);
    expect(half?.bars).toHaveLength(210);
    const next = source.nextDate(source.firstDate);
    assert(next !== null, 'expected a rolling market to go on');
    expect(next).toBe(nextTradingDay(source.firstDate).date);
    const following = source.symbolDay('AAA', next);
    expect(following?.bars).toHaveLength(390);
    const close = half?.bars.at(-1)?.close ?? 0;
    const open = following?.bars[0]?.open ?? 0;
    expect(Math.abs(open / close - 1)).toBeLessThan(0.03);
    expect(source.previousDate('AAA', source.firstDate)).toBe('2024-07-02');
    expect(source.symbolDay('AAA', marketDate('2024-06-01'))).toBeNull();
  });

  it('every bar and quote of twenty days → well-formed, and busier at the edges', () => {
    const source = openSyntheticMarket({ ...options, date: '2024-03-01' });
    let date = source.firstDate;
    let edgeVolume = 0;
    let noonVolume = 0;
    for (let count = 0; count < 20; count += 1) {
      const day = source.symbolDay('AAA', date);
      const hours = tradingDay(date);
      assert(day !== null && hours !== null, `expected data on ${date}`);
      for (const [index, bar] of day.bars.entries()) {
        expect(bar.startAtMs).toBe(hours.openAtMs + index * 60_000);
        expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
        expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
        expect(bar.close % 10_000_000).toBe(0);
      }
      expect(day.quotes.every((quote) => (quote.bidPrice ?? 0) < (quote.askPrice ?? 0))).toBe(true);
      edgeVolume += day.bars.slice(0, 30).reduce((sum, bar) => sum + bar.volume / 1e9, 0);
      noonVolume += day.bars.slice(180, 210).reduce((sum, bar) => sum + bar.volume / 1e9, 0);
      date = nextTradingDay(date).date;
    }
    expect(edgeVolume).toBeGreaterThan(2 * noonVolume);
  });

  it('turbulent, over forty days → halts without anybody, gaps, spreads that widen', () => {
    const source = openSyntheticMarket({ ...options, date: '2024-03-01', isTurbulent: true });
    const calm = openSyntheticMarket({ ...options, date: '2024-03-01' });
    let date = source.firstDate;
    let haltedMinutes = 0;
    let gaps = 0;
    for (let count = 0; count < 40; count += 1) {
      const day = source.symbolDay('AAA', date);
      const hours = tradingDay(date);
      assert(day !== null && hours !== null, `expected data on ${date}`);
      const minutes = (hours.closeAtMs - hours.openAtMs) / 60_000;
      const halted = minutes - day.bars.length;
      const nobody = day.quotes.filter(({ bidPrice, askPrice }) => (bidPrice ?? askPrice) === null);
      expect(nobody).toHaveLength(halted);
      haltedMinutes += halted;
      for (const [index, bar] of day.bars.entries()) {
        const before = day.bars[index - 1]?.close ?? bar.open;
        if (Math.abs(bar.open / before - 1) > 0.004) gaps += 1;
      }
      date = nextTradingDay(date).date;
    }
    expect(haltedMinutes).toBeGreaterThan(40);
    expect(gaps).toBeGreaterThan(20);
    const widest = (market: typeof source) => {
      const quotes = market.symbolDay('AAA', market.firstDate)?.quotes ?? [];
      return Math.max(...quotes.map(({ bidPrice, askPrice }) => (askPrice ?? 0) - (bidPrice ?? 0)));
    };
    expect(widest(source)).toBeGreaterThan(widest(calm));
  });

  it('a halt → a market order waits for whoever quotes first', async () => {
    const exchange = await startTestExchange({
      market: scriptedMarket([
        { bar: '100 100 100 100', quote: '99.99/100.01' },
        { bar: '100 100 100 100', quote: '/' },
        { bar: '103 103 103 103', quote: '102.9/103.1' },
      ]),
    });
    await exchange.goTo('13:32');
    const { body } = await exchange.post('/v2/orders', orderBody());
    expect((await exchange.get(`/v2/orders/${body.id}`)).body.status).toBe('new');
    await exchange.goTo('13:33');
    expect((await exchange.get(`/v2/orders/${body.id}`)).body['filled_avg_price']).toBe('103.1');
  });

  it('rolling → after the close comes the next trading day; positions stay', async () => {
    const exchange = await startTestExchange({
      market: { kind: 'synthetic', date: '2024-07-03', symbols: ['AAA'], rolling: true },
    });
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody({ symbol: 'AAA', qty: '1' }));
    const close = await exchange.goTo('17:00');
    expect(close.phase).toBe('after_close');
    const { body: next } = await exchange.post('/_clock', {
      action: 'done',
      through: close.timestamp,
    });
    expect(next).toMatchObject({ phase: 'before_open', timestamp: '2024-07-05T13:28:00Z' });
    expect((await exchange.get('/v2/positions')).body).toMatchObject([{ symbol: 'AAA', qty: '1' }]);
  });
});

describe('exchange market data: only the past', () => {
  it('history, latest and snapshot at 09:32 → two minutes, none of the third', async () => {
    const minutes = ['100', '101', '102'].map((price) => ({
      bar: `${price} ${price} ${price} ${price}`,
      quote: `${price}/${Number(price) + 0.01}`,
    }));
    const exchange = await startTestExchange({ market: scriptedMarket(minutes) });
    await exchange.goTo('13:32');
    const { body } = await exchange.get('/v2/stocks/SPY/bars?timeframe=1Min&end=2013-10-08');
    expect(rowsOf(body['bars']).map((bar) => bar['c'])).toEqual([100, 101]);
    const many = await exchange.get('/v2/stocks/bars?symbols=SPY&timeframe=5Min&start=2013-10-01');
    expect(many.body['bars']).toMatchObject({ SPY: [{ o: 100, c: 101, v: 2000 }] });
    const paged = await exchange.get('/v2/stocks/SPY/bars?timeframe=1Min&limit=1');
    expect(paged.body).toMatchObject({ bars: [{ c: 100 }], next_page_token: '1' });
    const rest = await exchange.get('/v2/stocks/SPY/bars?timeframe=1Min&limit=1&page_token=1');
    expect(rest.body).toMatchObject({ bars: [{ c: 101 }], next_page_token: null });
    expect((await exchange.get('/v2/stocks/quotes/latest?symbols=SPY,NOPE')).body).toMatchObject({
      quotes: { SPY: { bp: 101, ap: 101.01 } },
    });
    expect((await exchange.get('/v2/stocks/trades/latest?symbols=SPY')).body).toMatchObject({
      trades: { SPY: { p: 101 } },
    });
    expect((await exchange.get('/v2/stocks/SPY/quotes')).body).toMatchObject({ symbol: 'SPY' });
    expect((await exchange.get('/v2/stocks/SPY/trades/latest')).body['trade']).toMatchObject({
      p: 101,
    });
    const snapshot = await exchange.get('/v2/stocks/SPY/snapshot');
    expect(snapshot.body).toMatchObject({ dailyBar: { o: 100, c: 101 }, minuteBar: { c: 101 } });
    expect((await exchange.get('/v2/stocks/snapshots?symbols=SPY')).body['SPY']).toMatchObject({
      latestQuote: { bp: 101 },
    });
    expect((await exchange.get('/v2/stocks/SPY/bars?timeframe=7Weeks')).status).toBe(400);
    expect((await exchange.get('/v2/stocks/bars')).status).toBe(400);
    expect((await exchange.get('/v2/stocks/NOPE/bars/latest')).status).toBe(404);
  });
});

describeWithRealData('recorded market: the days we have', (data) => {
  it.each([
    ['SPY,IBM', '2013-10-04', '20:00'],
    ['SPY,IBM', '2013-10-11', '20:00'],
    ['AAPL', '2014-06-09', '20:00'],
    ['GOOG', '2015-12-23', '21:00'],
    ['GOOG', '2015-12-24', '18:00'],
    ['GOOG', '2015-12-28', '21:00'],
  ])(
    '%s on %s → runs to its close with an order a quarter of an hour',
    async (names, date, close) => {
      const symbols = names.split(',');
      const directory = data
        .path(`minute/${symbols[0]}/${date.replaceAll('-', '')}_trade.csv.gz`)
        .replace(/\/[A-Z]+\/\d+_trade\.csv\.gz$/, '');
      const exchange = await startTestExchange({
        market: { kind: 'recorded', directory, date, symbols },
        partialFillShare: 0.3,
      });
      let step = (await exchange.get('/_clock')).body;
      let bars = 0;
      while (step.phase !== 'after_close') {
        bars += rowsOf(step['bars']).length;
        if (step.phase === 'open' && step.timestamp.endsWith('5:00Z')) {
          const symbol = symbols[bars % symbols.length];
          const side = bars % 3 === 0 ? 'sell' : 'buy';
          await exchange.post('/v2/orders', orderBody({ symbol, side, qty: '3' }));
        }
        step = (await exchange.post('/_clock', { action: 'done', through: step.timestamp })).body;
      }
      expect(step.timestamp.slice(11, 16)).toBe(close);
      expect((await exchange.get('/v2/orders?status=open')).body).toEqual([]);
      const executions = await exchange.journal('execution');
      expect(executions.length).toBeGreaterThan(5);
      const cash = executions.reduce((sum, entry) => sum + Number(entry['cash']), 100_000);
      const account = (await exchange.get('/v2/account')).body;
      expect(Number(account['cash'])).toBeCloseTo(cash, 6);
    },
  );
});
