import { describe, expect, it } from 'vitest';
import { MINUTE_MS, epochMs } from '../../domain/values/index.js';
import type { WashTradeGuard } from '../../exchange/matching/index.js';
import {
  barOf,
  CLOSE,
  dayEngine,
  minute,
  NEXT_CLOSE,
  OPEN,
  openEngine,
  orderOf,
  placed,
  quoteOf,
  told,
} from './matching-scene.js';

describe('matching: the wash-trade guard', () => {
  it.each<[string, string, WashTradeGuard, string]>([
    ['buy 1 limit 99 gtc', 'sell 1 limit 99.01 gtc', 'crossing', 'taken'],
    ['buy 1 limit 99 gtc', 'sell 1 limit 99 gtc', 'crossing', 'limit'],
    ['sell 1 limit 102 gtc', 'buy 1 limit 102 gtc', 'crossing', 'limit'],
    ['buy 1 limit 99 gtc', 'sell 1 market day', 'crossing', 'taken'],
    ['buy 1 limit 99 gtc', 'sell 1 market day', 'strict', 'limit'],
    ['buy 1 limit 99 gtc', 'sell 1 stop 98 day', 'strict', 'limit'],
    ['buy 1 stop 102 gtc', 'sell 1 limit 110 gtc', 'crossing', 'market_or_stop'],
    ['buy 1 stop 102 gtc', 'sell 1 limit 110 gtc', 'strict', 'market_or_stop'],
    ['buy 1 stop 102 gtc', 'sell 1 market day', 'strict', 'market_or_stop'],
    ['buy 1 stop_limit 102/103 gtc', 'sell 1 market day', 'crossing', 'taken'],
    ['buy 1 stop_limit 102/103 gtc', 'sell 1 market day', 'strict', 'limit'],
    ['buy 1 stop_limit 102/103 gtc', 'sell 1 limit 103 gtc', 'strict', 'limit'],
    ['buy 1 stop_limit 102/103 gtc', 'sell 1 limit 103.01 gtc', 'strict', 'taken'],
    ['buy 1 limit 99 gtc', 'sell 1 stop_limit 98/98.5 day', 'strict', 'limit'],
    ['buy 1 limit 99 gtc', 'sell 1 stop_limit 99.5/99.01 day', 'strict', 'taken'],
    ['buy 1 limit 99 gtc', 'sell 1 limit 99.01 gtc', 'strict', 'taken'],
    ['buy 1 stop 102 gtc', 'buy 1 market day', 'strict', 'taken'],
  ])('%s rests, then %s (%s) → %s', (resting, request, washTradeGuard, outcome) => {
    const engine = openEngine({ quote: '99.99/100.01', washTradeGuard });
    placed(engine, resting);
    const result = engine.place(orderOf(request), minute(1));
    const refusal = result.ok ? null : result.refusal;
    const reason = refusal?.code === 'wash_trade' ? refusal.reason : refusal?.code;
    expect(reason ?? 'taken').toBe(outcome);
  });

  it('told nothing else → as strict as Alpaca', () => {
    const engine = dayEngine();
    engine.onQuote(quoteOf('99.99/100.01', -1));
    engine.openSession(OPEN);
    placed(engine, 'buy 1 limit 50 gtc');
    const result = engine.place(orderOf('sell 1 market day'), minute(1));
    expect(result).toMatchObject({ refusal: { code: 'wash_trade', reason: 'limit' } });
  });

  it('the resting order is replaced by its own change → no conflict with itself', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    const { id } = placed(engine, 'buy 1 limit 99 gtc');
    placed(engine, 'sell 1 limit 101 gtc');
    const change = {
      clientOrderId: null,
      quantity: null,
      limitPrice: orderOf('buy 1 limit 101 day').limitPrice,
      stopPrice: null,
      timeInForce: null,
    };
    expect(engine.replace(id, change, { atMs: minute(1) })).toMatchObject({
      refusal: { code: 'wash_trade' },
    });
    const limitPrice = orderOf('buy 1 limit 100 day').limitPrice;
    expect(engine.replace(id, { ...change, limitPrice }, { atMs: minute(1) }).ok).toBe(true);
  });
});

describe('matching: gaps through a buy stop', () => {
  it.each([
    ['opens at the stop', 'buy 1 stop 102 day', '102 103 101 102', ['fill 1@102']],
    ['opens beyond, within 2.5 %', 'buy 1 stop 102 day', '104 105 103 104', ['fill 1@104']],
    ['opens beyond the collar', 'buy 1 stop 102 day', '110 111 109 110', []],
    ['a sell stop has no collar', 'sell 1 stop 98 day', '50 51 49 50', ['fill 1@50']],
  ])('%s → %s', (_name, order, bar, events) => {
    const engine = openEngine();
    engine.onBar(barOf('100 100 100 100', 0));
    placed(engine, order, minute(1));
    expect(told(engine.onBar(barOf(bar, 1)))).toEqual(events);
  });

  it('beyond the collar, then back → it fills there, at the collar or better', () => {
    const engine = openEngine();
    engine.onBar(barOf('100 100 100 100', 0));
    placed(engine, 'buy 1 stop 102 day', minute(1));
    engine.onBar(barOf('110 111 109 110', 1));
    expect(told(engine.onQuote(quoteOf('109.99/110.01', 2)))).toEqual([]);
    expect(told(engine.onQuote(quoteOf('103.98/104', 3)))).toEqual(['fill 1@104']);
  });

  it('below 50 dollars → the collar is 4 %', () => {
    const engine = openEngine();
    engine.onBar(barOf('40 40 40 40', 0));
    placed(engine, 'buy 1 stop 41 day', minute(1));
    expect(told(engine.onBar(barOf('42.6 43 42.6 43', 1)))).toEqual(['fill 1@42.6']);
  });
});

describe('matching: extended hours', () => {
  const before = (minutes: number) => minute(-minutes);
  const extended = (text: string) => ({ ...orderOf(text), extendedHours: true });

  it('before the open → an extended limit meets quotes; a plain one waits for the open', () => {
    const engine = dayEngine();
    engine.onQuote(quoteOf('99.99/100.01', -40));
    const plain = engine.place(orderOf('buy 1 limit 100.01 day'), before(30));
    expect(plain.ok ? told(plain.events) : plain).toEqual(['accepted']);
    const resting = engine.place(extended('buy 2 limit 99 day'), before(30));
    expect(resting.ok ? told(resting.events) : resting).toEqual(['pending_new', 'new']);
    expect(told(engine.onQuote(quoteOf('98.98/99', -20)))).toEqual(['fill 2@99']);
    expect(told(engine.openSession(OPEN))).toEqual(['new', 'fill 1@99']);
  });

  it('the close → an extended order lives on to eight in the evening, others expire', () => {
    const engine = dayEngine();
    engine.onQuote(quoteOf('99.99/100.01', -1));
    engine.openSession(OPEN);
    engine.place(orderOf('buy 1 limit 98 day'), minute(1));
    engine.place(extended('buy 2 limit 98 day'), minute(1));
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired']);
    const evening = { ...quoteOf('97.98/98', 0), atMs: epochMs(CLOSE + 30 * MINUTE_MS) };
    expect(told(engine.onQuote(evening))).toEqual(['fill 2@98']);
    const late = engine.place(extended('buy 3 limit 90 day'), epochMs(CLOSE + 60 * MINUTE_MS));
    expect(late.ok ? late.order.status : late).toBe('pending_new');
    const queued = engine.place(orderOf('buy 4 limit 90 day'), epochMs(CLOSE + 60 * MINUTE_MS));
    expect(queued.ok ? queued.order : queued).toMatchObject({
      status: 'accepted',
      expiresAtMs: NEXT_CLOSE,
    });
    expect(told(engine.endExtendedHours(epochMs(CLOSE + 240 * MINUTE_MS)))).toEqual(['expired']);
    expect(engine.book.open().map(({ id }) => id)).toEqual([queued.ok ? queued.order.id : '']);
  });
});
