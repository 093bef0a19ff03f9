import { describe, expect, it } from 'vitest';
import { marketDate, tradingDay } from '../../domain/market/index.js';
import { assert, epochMs, MINUTE_MS } from '../../domain/values/index.js';
import {
  barOf,
  CLOSE,
  engineBeforeOpen,
  minute,
  NEXT_CLOSE,
  OPEN,
  openEngine,
  orderOf,
  placed,
  quoteOf,
  told,
} from './matching-scene.js';

describe('matching: the edges of the session', () => {
  it('a day order before the open: queued → works at the open', () => {
    const engine = engineBeforeOpen();
    engine.onQuote(quoteOf('99.99/100.01', -1));
    expect(told(placed(engine, 'buy 10 market day', minute(-1)).events)).toEqual(['accepted']);
    expect(told(engine.openSession(OPEN))).toEqual(['new', 'fill 10@100.01']);
  });

  it('a bar and a quote before the open → fill nothing', () => {
    const engine = engineBeforeOpen();
    engine.onQuote(quoteOf('99.99/100.01', -2));
    placed(engine, 'buy 10 limit 100 gtc', minute(-2));
    expect(engine.onBar(barOf('99 99 98 99', -2))).toEqual([]);
    expect(engine.onQuote(quoteOf('98/99', -1))).toEqual([]);
  });

  it('the close → day orders expire, good-till-canceled ones stay', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    const day = placed(engine, 'buy 10 limit 99 day');
    const lasting = placed(engine, 'buy 10 limit 98 gtc');
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired']);
    expect(engine.book.get(day.id).status).toBe('expired');
    expect(engine.book.get(lasting.id).status).toBe('new');
  });

  it('a day order after the close → is good for the next day', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    engine.closeSession(CLOSE, NEXT_CLOSE);
    const { id } = placed(engine, 'buy 10 market day', epochMs(CLOSE + 50));
    expect(engine.book.get(id)).toMatchObject({ status: 'accepted', expiresAtMs: NEXT_CLOSE });
    const next = tradingDay(marketDate('2013-10-08'));
    assert(next !== null, 'expected a trading day');
    engine.beginDay({ ...next, previousCloses: new Map() });
    expect(told(engine.openSession(next.openAtMs))).toEqual(['new', 'fill 10@100.01']);
  });

  it.each([
    ['buy 10 market opg', ['fill 10@101']],
    ['buy 10 limit 101 opg', ['fill 10@101']],
    ['buy 10 limit 100.99 opg', ['expired']],
    ['sell 10 limit 100 opg', ['fill 10@101']],
  ])('opening auction: %s, the day opens at 101 → %j', (order, expected) => {
    const engine = engineBeforeOpen();
    engine.onQuote(quoteOf('99.99/100.01', -5));
    placed(engine, order, minute(-5));
    expect(told(engine.openSession(OPEN))).toEqual(['new']);
    expect(told(engine.onQuote(quoteOf('98/98.1', 0)))).toEqual([]);
    expect(told(engine.onBar(barOf('101 102 100 101', 0)))).toEqual(expected);
  });

  it.each([
    ['sell 10 market cls', ['fill 10@100.5']],
    ['sell 10 limit 100.5 cls', ['fill 10@100.5']],
    ['sell 10 limit 100.51 cls', ['expired']],
  ])('closing auction: %s, the last trade is 100.5 → %j', (order, expected) => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, order);
    expect(told(engine.onBar(barOf('103 103 100 100.5', 389)))).toEqual([]);
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(expected);
  });

  it('closing auction: the symbol did not trade today → expired', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'sell 10 market cls');
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired']);
  });

  it.each([
    ['buy 1 market opg', -2.001, true],
    ['buy 1 market opg', -2, false],
    ['buy 1 market opg', 100, false],
    ['buy 1 market cls', 379.999, true],
    ['buy 1 market cls', 380, false],
    ['buy 1 market cls', 569.999, false],
    ['buy 1 market opg', 570, true],
  ])('auction window: %s, %d minutes after the open → taken %s', (order, minutes, isTaken) => {
    const engine = engineBeforeOpen();
    engine.onQuote(quoteOf('99.99/100.01', -10));
    const atMs = epochMs(Math.round(OPEN + minutes * MINUTE_MS));
    expect(engine.place(orderOf(order), atMs).ok).toBe(isTaken);
  });

  it.each([
    ['buy 1 market cls', 199.999, true],
    ['buy 1 market cls', 200, false],
    ['buy 1 market opg', 569.999, false],
    ['buy 1 market opg', 570, true],
  ])('half day: %s, %d minutes after the open → taken %s', (order, minutes, isTaken) => {
    const half = tradingDay(marketDate('2013-11-29'));
    assert(half !== null, 'expected a trading day');
    const engine = engineBeforeOpen();
    engine.onQuote(quoteOf('99.99/100.01', -10));
    engine.beginDay({ ...half, previousCloses: new Map() });
    const atMs = epochMs(Math.round(half.openAtMs + minutes * MINUTE_MS));
    expect(engine.place(orderOf(order), atMs).ok).toBe(isTaken);
  });
});
