import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Books, BooksTransaction } from '../../adapters/store/port.js';
import { usd, ZERO_QUANTITY } from '../../domain/values/index.js';
import type { OpenedBooks } from './open-books.js';
import {
  ACCOUNT,
  alertRow,
  at,
  brokerEventRow,
  cashEntryRow,
  discrepancyRow,
  haltCauseRow,
  instrumentRow,
  limitsRow,
  orderRow,
  positionChangeRow,
  positionRow,
  runRow,
  signalRow,
  streamStateRow,
  systemStateRow,
  tradeRow,
  tradingDayRow,
  turnRow,
  toldTrade,
} from './rows-fixture.js';

/** What every implementation promises about the repositories beside orders and fills. */
export function describeRepositories(name: string, open: () => Promise<OpenedBooks>): void {
  describe(`repositories of ${name}`, () => {
    let opened: OpenedBooks;
    let books: Books;
    const write = <Result>(fn: (tx: BooksTransaction) => Promise<Result>): Promise<Result> =>
      books.transaction(ACCOUNT, fn);
    const reader = () => books.reader(ACCOUNT);

    beforeEach(async () => {
      opened = await open();
      ({ books } = opened);
    });
    afterEach(() => opened.close());

    it('positions: upsert, flat, delete → all, active, bySymbol follow', async () => {
      const flat = positionRow('IBM', {
        side: 'flat',
        quantity: ZERO_QUANTITY,
        costBasis: usd(0),
        lastPrice: null,
        lastPriceAtMs: null,
        enteredAtMs: null,
      });
      await write((tx) => tx.positions.upsert(positionRow('SPY')));
      await write((tx) => tx.positions.upsert(flat));
      expect(await reader().positions.all()).toEqual([flat, positionRow('SPY')]);
      expect(await reader().positions.active()).toEqual([positionRow('SPY')]);
      const short = positionRow('SPY', { side: 'short', realizedPnl: usd(-7) });
      await write((tx) => tx.positions.upsert(short));
      expect(await reader().positions.bySymbol('SPY')).toEqual(short);
      await write((tx) => tx.positions.delete('IBM'));
      expect(await reader().positions.bySymbol('IBM')).toBeNull();
    });

    it('position changes: recorded, repeated → one, in order, by symbol', async () => {
      const rows = ['1', '2'].map((id) => positionChangeRow(id));
      for (const row of rows) {
        expect(await write((tx) => tx.positions.recordChange(row))).toBe('recorded');
      }
      expect(await write((tx) => tx.positions.recordChange(positionChangeRow('1')))).toBe(
        'repeated',
      );
      await write((tx) => tx.positions.recordChange(positionChangeRow('3', 'IBM')));
      expect(await reader().positions.changesOf('SPY')).toEqual(rows);
    });

    it('trades: open, closed → openOf, closedBetween, recent follow', async () => {
      const closed = tradeRow('1', {
        closedAtMs: at(100),
        exitFillIds: ['c'],
        realizedPnl: usd(-3),
      });
      await write((tx) => tx.trades.record(tradeRow('1')));
      expect(await reader().trades.openOf('SPY')).toEqual(tradeRow('1'));
      await write((tx) => tx.trades.record(closed));
      expect(await reader().trades.openOf('SPY')).toBeNull();
      await write((tx) => tx.trades.record(tradeRow('2')));
      expect(await reader().trades.openOf('SPY')).toEqual(tradeRow('2'));
      expect(await reader().trades.openOf('IBM')).toBeNull();
      expect(await reader().trades.closedBetween(at(100), at(101))).toEqual([closed]);
      expect(await reader().trades.closedBetween(at(0), at(100))).toEqual([]);
      expect(await reader().trades.recent(5)).toEqual([tradeRow('2'), closed]);
    });

    it('cash: recorded, repeated → one entry after the opening one', async () => {
      expect(await write((tx) => tx.cash.record(cashEntryRow('1')))).toBe('recorded');
      expect(await write((tx) => tx.cash.record(cashEntryRow('1')))).toBe('repeated');
      expect((await reader().cash.entries()).slice(1)).toEqual([cashEntryRow('1')]);
    });

    it('trading days: put in any order → latest by date, byDate the last one put', async () => {
      const changed = { ...tradingDayRow('2013-10-08'), losingStreak: 4, summarizedAtMs: at(9) };
      await write((tx) => tx.tradingDays.put(tradingDayRow('2013-10-08')));
      await write((tx) => tx.tradingDays.put(tradingDayRow('2013-10-07')));
      await write((tx) => tx.tradingDays.put(changed));
      expect(await reader().tradingDays.latest()).toEqual(changed);
      expect(await reader().tradingDays.byDate('2013-10-07')).toEqual(tradingDayRow('2013-10-07'));
      expect(await reader().tradingDays.byDate('2013-10-09')).toBeNull();
    });

    it('system state, stream state, limits: nothing, then the last one set', async () => {
      expect(await reader().systemState.get()).toBeNull();
      expect(await reader().streamState.get()).toBeNull();
      expect(await reader().limits()).toBeNull();
      await write(async (tx) => {
        await tx.systemState.set(systemStateRow({ state: 'starting' }));
        await tx.systemState.set(systemStateRow());
        await tx.streamState.set({ ...streamStateRow(), status: 'down' });
        await tx.streamState.set(streamStateRow());
        await tx.putLimits({ ...limitsRow(), losingStreakMax: 1 });
        await tx.putLimits(limitsRow());
        expect(await tx.limits()).toEqual(limitsRow());
      });
      expect(await reader().systemState.get()).toEqual(systemStateRow());
      expect(await reader().streamState.get()).toEqual(streamStateRow());
      expect(await reader().limits()).toEqual(limitsRow());
    });

    it('halts: engaged twice, released → open causes follow', async () => {
      expect(await write((tx) => tx.halts.engage(haltCauseRow('1')))).toBe('recorded');
      expect(await write((tx) => tx.halts.engage(haltCauseRow('1')))).toBe('repeated');
      await write((tx) => tx.halts.engage(haltCauseRow('2')));
      expect(await reader().halts.openCauses()).toEqual([haltCauseRow('1'), haltCauseRow('2')]);
      const released = {
        ...haltCauseRow('1'),
        completedAtWallMs: at(10),
        releasedAtWallMs: at(11),
        releasedBy: 'bob',
        releaseReason: 'clean',
      };
      await write((tx) => tx.halts.update(released));
      expect(await reader().halts.openCauses()).toEqual([haltCauseRow('2')]);
      expect(await reader().halts.byId('1')).toEqual(released);
      await expect(write((tx) => tx.halts.update(haltCauseRow('3')))).rejects.toThrow('with id 3');
    });

    it('signals: the same decision → repeated; since → by bar, then as recorded', async () => {
      expect(await write((tx) => tx.signals.record(signalRow(120)))).toBe('recorded');
      expect(await write((tx) => tx.signals.record(signalRow(120)))).toBe('repeated');
      await write((tx) => tx.signals.record(signalRow(60)));
      await write((tx) => tx.signals.record(signalRow(120, 'exit')));
      const later = [signalRow(60), signalRow(120), signalRow(120, 'exit')];
      expect(await reader().signals.since(at(60))).toEqual(later);
      expect(await reader().signals.since(at(61))).toEqual(later.slice(1));
    });

    it('turns: created twice, changed → by id, in states, of a symbol, newest first', async () => {
      const [first, second] = [turnRow('a'), turnRow('b', 'IBM')];
      expect(await write((tx) => tx.turns.create(first))).toBe('recorded');
      expect(await write((tx) => tx.turns.create(first))).toBe('repeated');
      await write((tx) => tx.turns.create(second));
      const reason = { code: 'halted', message: 'trading is halted' };
      const progress = { state: 'uncovered', reason, bareSinceWallMs: at(70) } as const;
      const over = { ...first.turn, version: 2, progress, updatedAtMs: at(90) };
      await write((tx) => tx.turns.update(over, 1));
      const { turns } = reader();
      expect(await turns.byId(over.plan.turnId)).toEqual({ turn: over });
      expect(await turns.byId('nobody')).toBeNull();
      expect(await turns.inStates(['canceling', 'uncovered'])).toEqual([{ turn: over }, second]);
      expect(await turns.inStates(['canceling', 'uncovered'], 'IBM')).toEqual([second]);
      expect(await turns.inStates(['planned'])).toEqual([]);
      expect(await turns.recent(5)).toEqual([second, { turn: over }]);
      expect(await turns.recent(1)).toEqual([second]);
      await expect(write((tx) => tx.turns.update(over, 1))).rejects.toThrow('at version 1');
    });

    it('instruments: upsert → by symbol, all by name', async () => {
      await write((tx) => tx.instruments.upsert(instrumentRow('SPY')));
      await write((tx) => tx.instruments.upsert(instrumentRow('IBM')));
      const parked = { ...instrumentRow('SPY'), parkedReason: 'odd', tradable: false };
      await write((tx) => tx.instruments.upsert(parked));
      expect(await reader().instruments.all()).toEqual([instrumentRow('IBM'), parked]);
      expect(await reader().instruments.bySymbol('SPY')).toEqual(parked);
      expect(await reader().instruments.bySymbol('QQQ')).toBeNull();
    });

    it('broker events: recorded, repeated → by id and by order', async () => {
      const known = { ...brokerEventRow('1', 'a'), trade: toldTrade() };
      const foreign = brokerEventRow('2', null);
      expect(await write((tx) => tx.brokerEvents.record(known))).toBe('recorded');
      expect(await write((tx) => tx.brokerEvents.record(known))).toBe('repeated');
      await write((tx) => tx.brokerEvents.record(foreign));
      expect(await reader().brokerEvents.byId('2')).toEqual(foreign);
      expect(await reader().brokerEvents.byId('3')).toBeNull();
      expect(await reader().brokerEvents.byOrder('a')).toEqual([known]);
    });

    it('outbox: posts of one target → one row, version raised, the last payload', async () => {
      const post = (target: string, payload: string) =>
        write((tx) => tx.outbox.post({ kind: 'signal_order', target, payload }));
      await post('a', '1');
      await post('b', '1');
      await post('a', '2');
      const [first, second] = await reader().outbox.undelivered(10);
      expect(first).toMatchObject({ target: 'b', version: 1, deliveredVersion: 0 });
      expect(second).toEqual({
        kind: 'signal_order',
        target: 'a',
        version: 2,
        payload: '2',
        deliveredVersion: 0,
      });
      expect(await reader().outbox.undelivered(1)).toHaveLength(1);
    });

    it('outbox: a halt comes before everything that is older, an order’s signal last', async () => {
      await write((tx) => tx.outbox.post({ kind: 'signal_order', target: 'a', payload: '1' }));
      await write((tx) => tx.outbox.post({ kind: 'start_order', target: 'b', payload: '2' }));
      await write((tx) => tx.outbox.post({ kind: 'signal_halt', target: 'z', payload: '3' }));
      const targets = (await reader().outbox.undelivered(10)).map(({ target }) => target);
      expect(targets).toEqual(['z', 'b', 'a']);
    });

    it('outbox: a start that was delivered, and no order came of it → lost', async () => {
      const start = (target: string) =>
        write((tx) => tx.outbox.post({ kind: 'start_order', target, payload: '{}' }));
      for (const target of ['lost', 'begun', 'waiting']) await start(target);
      await write((tx) => tx.orders.create(orderRow('begun')));
      for (const target of ['lost', 'begun']) {
        await write((tx) => tx.outbox.markDelivered('start_order', target, 1));
      }
      expect((await reader().outbox.lostStarts()).map(({ target }) => target)).toEqual(['lost']);
      await start('lost');
      expect(await reader().outbox.lostStarts()).toEqual([]);
    });

    it('outbox: delivered, posted again → undelivered; an old delivery is ignored', async () => {
      const message = { kind: 'start_order', target: 'a', payload: '{}' } as const;
      await write((tx) => tx.outbox.post(message));
      await write((tx) => tx.outbox.markDelivered('start_order', 'a', 1));
      expect(await reader().outbox.undelivered(10)).toEqual([]);
      await write((tx) => tx.outbox.post(message));
      expect(await reader().outbox.undelivered(10)).toMatchObject([
        { version: 2, deliveredVersion: 1 },
      ]);
      await write((tx) => tx.outbox.markDelivered('start_order', 'a', 2));
      await write((tx) => tx.outbox.markDelivered('start_order', 'a', 1));
      expect(await reader().outbox.undelivered(10)).toEqual([]);
    });

    it('reconciliation: a run again → repeated, its discrepancies once', async () => {
      const differences = [discrepancyRow('1', 'SPY'), discrepancyRow('1', 'IBM')];
      const record = () => write((tx) => tx.reconciliation.recordRun(runRow('1'), differences));
      expect(await record()).toBe('recorded');
      expect(await record()).toBe('repeated');
      await write((tx) => tx.reconciliation.recordRun(runRow('2'), []));
      expect(await reader().reconciliation.recentRuns(5)).toEqual([runRow('2'), runRow('1')]);
      expect(await reader().reconciliation.discrepanciesOf('1')).toEqual(differences);
      expect(await reader().reconciliation.discrepanciesOf('2')).toEqual([]);
    });

    it('alerts: recorded, repeated → counted once, newest first', async () => {
      expect(await write((tx) => tx.alerts.record(alertRow('1')))).toBe('recorded');
      expect(await write((tx) => tx.alerts.record(alertRow('1')))).toBe('repeated');
      await write((tx) => tx.alerts.record(alertRow('2')));
      expect(await reader().alerts.recent(5)).toEqual([alertRow('2'), alertRow('1')]);
      expect(await reader().alerts.count()).toBe(2);
      expect(await reader().alerts.byId(alertRow('1').alertId)).toEqual(alertRow('1'));
      expect(await reader().alerts.byId('nobody told')).toBeNull();
    });

    it('config snapshots: the same in one boot → repeated, in the next → recorded', async () => {
      const snapshot = { hash: 'h', body: '{}', bootEpoch: 1, atWallMs: at(0) };
      expect(await write((tx) => tx.recordConfigSnapshot(snapshot))).toBe('recorded');
      expect(await write((tx) => tx.recordConfigSnapshot(snapshot))).toBe('repeated');
      const next = { ...snapshot, bootEpoch: 2 };
      expect(await write((tx) => tx.recordConfigSnapshot(next))).toBe('recorded');
    });

    it('breaker events: equal ones → each is written', async () => {
      const event = {
        endpointClass: 'submit',
        fromState: 'closed',
        toState: 'open',
        reason: 'five failures',
        atWallMs: at(1),
      } as const;
      const both = write(async (tx) => {
        await tx.recordBreakerEvent(event);
        await tx.recordBreakerEvent(event);
      });
      await expect(both).resolves.toBeUndefined();
    });
  });
}
