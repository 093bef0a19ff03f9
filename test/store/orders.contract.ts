import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Books, BooksTransaction, FillRow } from '../../adapters/store/port.js';
import { ORDER_STATES, type OrderProgress, stateOf } from '../../domain/order/index.js';
import { price, quantity, usd, wholeUnits } from '../../domain/values/index.js';
import type { OpenedBooks } from './open-books.js';
import {
  ACCOUNT,
  at,
  eventOf,
  fillOf,
  orderOf,
  orderRow,
  reservationRow,
  reversalOf,
  riskDecisionRow,
} from './rows-fixture.js';

const PROGRESS: readonly OrderProgress[] = [
  { state: 'created' },
  { state: 'submitting', sendDeadlineAtMs: at(65), earlierSendAtMs: at(64) },
  { state: 'unknown', lastPossibleSendAtMs: at(66) },
  { state: 'accepted', brokerOrderId: 'broker-accepted' },
  { state: 'partially_filled', brokerOrderId: 'broker-partially' },
  { state: 'held', brokerOrderId: 'broker-held' },
  { state: 'pending_cancel', brokerOrderId: 'broker-pending-cancel' },
  { state: 'pending_replace', brokerOrderId: 'broker-pending-replace' },
  { state: 'filled', brokerOrderId: 'broker-filled' },
  { state: 'canceled', brokerOrderId: 'broker-canceled' },
  { state: 'expired', brokerOrderId: 'broker-expired' },
  { state: 'replaced', brokerOrderId: 'broker-replaced' },
  { state: 'refused', brokerOrderId: null, code: '40310000', message: 'insufficient' },
  { state: 'denied', code: 'buying_power', message: 'too little' },
  { state: 'abandoned', evidence: 'two misses' },
];

/** What every implementation promises about orders, their events, fills and reservations. */
export function describeOrders(name: string, open: () => Promise<OpenedBooks>): void {
  describe(`orders of ${name}`, () => {
    let opened: OpenedBooks;
    let books: Books;
    const write = <Result>(fn: (tx: BooksTransaction) => Promise<Result>): Promise<Result> =>
      books.transaction(ACCOUNT, fn);
    const record = (fill: FillRow) => write((tx) => tx.fills.record(fill));

    beforeEach(async () => {
      opened = await open();
      ({ books } = opened);
      await write((tx) => tx.orders.create(orderRow('a')));
    });
    afterEach(() => opened.close());

    it('create: an order by amount → read back with it', async () => {
      const { order, ...beside } = orderRow('by-amount');
      const row = { ...beside, order: { ...order, intent: { ...order.intent, amount: usd(1) } } };
      await write((tx) => tx.orders.create(row));
      expect(await books.reader(ACCOUNT).orders.byClientOrderId('by-amount')).toEqual(row);
    });

    it('PROGRESS: covers every state', () => {
      expect(PROGRESS.map((progress) => progress.state)).toEqual([...ORDER_STATES]);
    });

    it.each(PROGRESS)(
      'create: an order that is $state → read back member for member',
      async (progress) => {
        const row = {
          ...orderRow('b', { progress, parkedReason: 'look', brokerStatus: 'new', attempts: 2 }),
          parent: 'a',
          replaces: 'a',
          lastError: 'timeout',
          rawBody: '{"id":"x"}',
        };
        expect(await write((tx) => tx.orders.create(row))).toBe('recorded');
        expect(await books.reader(ACCOUNT).orders.byClientOrderId('b')).toEqual(row);
      },
    );

    it('create: an order with exits → read back member for member', async () => {
      const { order, ...beside } = orderRow('b');
      const exits = {
        orderClass: 'bracket',
        takeProfit: price(150_000_000_001),
        stopLoss: { stopPrice: price(140_000_000_001), limitPrice: price(139_000_000_001) },
      } as const;
      const row = { ...beside, order: { ...order, intent: { ...order.intent, ...exits } } };
      await write((tx) => tx.orders.create(row));
      expect(await books.reader(ACCOUNT).orders.byClientOrderId('b')).toEqual(row);
    });

    it('legsOf: the orders that name it as their parent, oldest first', async () => {
      await write(async (tx) => {
        await tx.orders.create({ ...orderRow('stop'), parent: 'a' });
        await tx.orders.create({ ...orderRow('other'), parent: 'b' });
        await tx.orders.create({ ...orderRow('profit'), parent: 'a' });
      });
      const legs = await books.reader(ACCOUNT).orders.legsOf('a');
      expect(legs.map(({ order }) => order.intent.clientOrderId)).toEqual(['stop', 'profit']);
      expect(await books.reader(ACCOUNT).orders.legsOf('stop')).toEqual([]);
    });

    it('create: the same client order id again → repeated, and the first stays', async () => {
      const again = orderRow('a', { attempts: 9 });
      expect(await write((tx) => tx.orders.create(again))).toBe('repeated');
      expect(await books.reader(ACCOUNT).orders.byClientOrderId('a')).toEqual(orderRow('a'));
    });

    it('create: another account’s order → an assertion', async () => {
      const { order, ...beside } = orderRow('b');
      const foreign = { ...beside, order: { ...order, intent: { ...order.intent, account: 'x' } } };
      await expect(write((tx) => tx.orders.create(foreign))).rejects.toThrow(
        'expected an order of',
      );
    });

    it('update: the expected version → every changing member is written', async () => {
      const changed = {
        ...orderOf('a', { state: 'partially_filled', brokerOrderId: 'broker-a' }),
        version: 2,
        attempts: 1,
        filledQuantity: wholeUnits(40),
        filledNotional: usd(5_808_000_000),
        brokerFilledQuantity: wholeUnits(50),
        brokerStatus: 'partially_filled',
        brokerUpdatedAt: '2013-10-07T13:31:10.123456789Z',
        parkedReason: 'fills are missing',
        updatedAtMs: at(70),
      } as const;
      await write((tx) => tx.orders.update(changed, 1, { lastError: 'slow' }));
      const stored = await books.reader(ACCOUNT).orders.byBrokerOrderId('broker-a');
      expect(stored).toEqual({ ...orderRow('a'), order: changed, lastError: 'slow' });
      await write((tx) => tx.orders.update({ ...changed, version: 3 }, 2, { lastError: null }));
      const cleared = await books.reader(ACCOUNT).orders.byClientOrderId('a');
      expect(cleared).toMatchObject({ lastError: null, rawBody: null });
    });

    it('becomeLeg: its parent and its purpose are written, as the next version', async () => {
      await write((tx) => tx.orders.create(orderRow('b')));
      await write((tx) => tx.orders.becomeLeg(orderOf('b'), 'a'));
      const { order, ...beside } = orderRow('b');
      const intent = { ...order.intent, purpose: 'exit' as const };
      const leg = { ...beside, order: { ...order, intent, version: 2 }, parent: 'a' };
      const { orders } = books.reader(ACCOUNT);
      expect(await orders.byClientOrderId('b')).toEqual(leg);
      expect(await orders.legsOf('a')).toEqual([leg]);
      await expect(write((tx) => tx.orders.becomeLeg(orderOf('b'), 'c'))).rejects.toThrow(
        'expected order b at version 1',
      );
      expect(await orders.byClientOrderId('b')).toEqual(leg);
    });

    it('update: another version → an assertion, and nothing is written', async () => {
      const attempt = write((tx) => tx.orders.update({ ...orderOf('a'), attempts: 5 }, 7));
      await expect(attempt).rejects.toThrow('expected order a at version 7');
      const stored = await books.reader(ACCOUNT).orders.byClientOrderId('a');
      expect(stored?.order.attempts).toBe(0);
    });

    it('create: a broker order id that another order has → refused', async () => {
      const progress = { state: 'accepted', brokerOrderId: 'broker-1' } as const;
      await write((tx) => tx.orders.create(orderRow('b', { progress })));
      await expect(write((tx) => tx.orders.create(orderRow('c', { progress })))).rejects.toThrow();
      const attempt = write((tx) => tx.orders.update({ ...orderOf('a', progress), version: 2 }, 1));
      await expect(attempt).rejects.toThrow();
    });

    it('inStates, recent, decidedSince, countByState: pick and order as they say', async () => {
      const filled = { state: 'filled', brokerOrderId: 'broker-b' } as const;
      const later = orderRow('c', { createdAtMs: at(90) });
      const decidedLater = { ...later.order.intent, decidedAtMs: at(90), symbol: 'IBM' };
      await write(async (tx) => {
        await tx.orders.create(orderRow('b', { progress: filled }));
        await tx.orders.create({ ...later, order: { ...later.order, intent: decidedLater } });
      });
      const { orders } = books.reader(ACCOUNT);
      const ids = (
        rows: readonly { readonly order: { readonly intent: { clientOrderId: string } } }[],
      ) => rows.map(({ order }) => order.intent.clientOrderId);
      expect(ids(await orders.inStates(['created']))).toEqual(['a', 'c']);
      expect(ids(await orders.inStates(['created', 'filled']))).toEqual(['a', 'b', 'c']);
      expect(ids(await orders.inStates(['created'], 'IBM'))).toEqual(['c']);
      expect(await orders.inStates([])).toEqual([]);
      expect(ids(await orders.recent(2))).toEqual(['c', 'b']);
      expect(ids(await orders.decidedSince(at(60)))).toEqual(['a', 'b', 'c']);
      expect(ids(await orders.decidedSince(at(61)))).toEqual(['c']);
      const counts = await orders.countByState(at(0));
      expect(Object.fromEntries(counts)).toEqual({ created: 2, filled: 1 });
      expect([...(await orders.countByState(at(61)))]).toEqual([['created', 1]]);
      expect(stateOf((await orders.recent(1))[0]?.order ?? orderOf('x'))).toBe('created');
    });

    it('appendEvent: several orders → each numbered from one, without gaps', async () => {
      await write(async (tx) => {
        await tx.orders.create(orderRow('b'));
        await tx.orders.appendEvent(eventOf('a', 'first'));
        await tx.orders.appendEvent(eventOf('b', 'first'));
        await tx.orders.appendEvent(eventOf('a', 'second'));
      });
      await write((tx) => tx.orders.appendEvent(eventOf('a', 'third')));
      const events = await books.reader(ACCOUNT).orders.eventsOf('a');
      expect(events).toEqual(
        ['first', 'second', 'third'].map((kind, index) => ({
          ...eventOf('a', kind),
          sequence: index + 1,
        })),
      );
      expect(await books.reader(ACCOUNT).orders.eventsOf('b')).toHaveLength(1);
    });

    it.each([
      ['an event', (tx: BooksTransaction) => tx.orders.appendEvent(eventOf('nobody'))],
      ['a fill', (tx: BooksTransaction) => tx.fills.record(fillOf('nobody', 0, 1))],
      ['a reservation', (tx: BooksTransaction) => tx.reservations.put(reservationRow('nobody'))],
    ])('%s of an order that is not in the books → refused', async (_what, put) => {
      await expect(write<unknown>(put)).rejects.toThrow();
    });

    it('fills: recorded, repeated → one row, read back by order and by instant', async () => {
      const [first, second] = [fillOf('a', 0, 40), fillOf('a', 40, 100)];
      expect(await record(first)).toBe('recorded');
      expect(await record(second)).toBe('recorded');
      expect(await record(first)).toBe('repeated');
      const { fills } = books.reader(ACCOUNT);
      expect(await fills.byOrder('a')).toEqual([first, second]);
      expect(await fills.byOrder('b')).toEqual([]);
      expect(await fills.between(first.atMs, second.atMs)).toEqual([first]);
      expect(await fills.between(first.atMs, at(1_000))).toEqual([first, second]);
      expect(await fills.count()).toBe(2);
    });

    it.each([
      [39, 41],
      [0, 40],
      [10, 20],
      [0, 200],
    ])('fills: (%i, %i] beside a live (0, 40] → refused', async (from, to) => {
      await record(fillOf('a', 0, 40));
      const other = { ...fillOf('a', from, to), fillId: 'other', executionId: 'other' };
      await expect(record(other)).rejects.toThrow('fills_never_overlap');
    });

    it('fills: the same interval of another broker order → recorded', async () => {
      await record(fillOf('a', 0, 40));
      const other = { ...fillOf('a', 0, 40), fillId: 'o', executionId: 'o', brokerOrderId: 'o' };
      expect(await record(other)).toBe('recorded');
    });

    it('fills: a reversed fill no longer counts → its interval can be filled again', async () => {
      const inferred: FillRow = { ...fillOf('a', 0, 100), kind: 'inferred', executionId: null };
      await record(inferred);
      expect(await record(reversalOf(inferred))).toBe('recorded');
      expect(await record(reversalOf(inferred))).toBe('repeated');
      const real = { ...fillOf('a', 0, 60), fillId: 'real', executionId: 'real' };
      expect(await record(real)).toBe('recorded');
      const twice = { ...reversalOf(inferred), fillId: 'reversed twice' };
      await expect(record(twice)).rejects.toThrow();
      const met = { ...fillOf('a', 50, 70), fillId: 'met', executionId: 'met' };
      await expect(record(met)).rejects.toThrow('fills_never_overlap');
    });

    it('fills: one in the place of a reversed one → keeps its ids', async () => {
      const first = fillOf('a', 0, 40);
      const moved = { ...fillOf('a', 10, 50), fillId: 'moved', executionId: first.executionId };
      await record(first);
      await expect(record({ ...moved, cumulativeBefore: first.cumulativeAfter })).rejects.toThrow(
        'fills_ids_once',
      );
      await record(reversalOf(first));
      const replacing = { ...moved, replacesFillId: first.fillId };
      expect(await record(replacing)).toBe('recorded');
      const inferred: FillRow = { ...fillOf('a', 60, 70), kind: 'inferred', executionId: null };
      const guessed: FillRow = { ...fillOf('a', 70, 80), kind: 'inferred', executionId: null };
      for (const fill of [inferred, guessed, reversalOf(guessed)]) await record(fill);
      const { fills } = books.reader(ACCOUNT);
      expect(await fills.inferred()).toEqual([inferred]);
      expect((await fills.ofSymbol('SPY')).slice(0, 3)).toEqual([
        first,
        reversalOf(first),
        replacing,
      ]);
      expect(await fills.ofSymbol('IBM')).toEqual([]);
    });

    it.each([
      ['a reversal of nothing', { ...reversalOf(fillOf('a', 0, 1)), reversesFillId: 'none' }],
      ['a reversal that names no fill', { ...reversalOf(fillOf('a', 0, 1)), reversesFillId: null }],
      [
        'an execution that names a fill',
        { ...fillOf('a', 40, 41), reversesFillId: 'a/0-40/execution' },
      ],
      [
        'an interval that does not grow',
        { ...fillOf('a', 40, 41), cumulativeAfter: wholeUnits(40) },
      ],
      ['an execution id again', { ...fillOf('a', 40, 41), executionId: 'execution-a-0' }],
      ['an activity id again', { ...fillOf('a', 40, 41), activityId: 'activity-1' }],
    ])('fills: %s → refused', async (_what, fill) => {
      await record({ ...fillOf('a', 0, 40), activityId: 'activity-1' });
      await expect(record(fill)).rejects.toThrow();
    });

    it('fills: nine decimals and large money → exact', async () => {
      const fill: FillRow = {
        ...fillOf('a', 0, 1),
        cumulativeAfter: quantity(Number.MAX_SAFE_INTEGER),
        notional: usd(Number.MAX_SAFE_INTEGER),
        fee: usd(-1),
      };
      await record(fill);
      expect(await books.reader(ACCOUNT).fills.byOrder('a')).toEqual([fill]);
    });

    it('reservations: put, put again, delete → the last one, then none', async () => {
      const { reservations } = books.reader(ACCOUNT);
      await write((tx) => tx.reservations.put(reservationRow('a')));
      const less = { ...reservationRow('a'), amount: usd(5), openingQuantity: wholeUnits(1) };
      await write((tx) => tx.reservations.put(less));
      expect(await reservations.byOrder('a')).toEqual(less);
      expect(await reservations.all()).toEqual([less]);
      await write((tx) => tx.reservations.delete('a'));
      expect(await reservations.byOrder('a')).toBeNull();
      await write((tx) => tx.reservations.delete('a'));
    });

    it('riskDecisions: two of one order → both, in order', async () => {
      const admitted = { ...riskDecisionRow('a'), decision: 'admitted', code: null } as const;
      await write((tx) => tx.riskDecisions.record(riskDecisionRow('a')));
      await write((tx) => tx.riskDecisions.record(admitted));
      const decisions = await books.reader(ACCOUNT).riskDecisions.byOrder('a');
      expect(decisions).toEqual([riskDecisionRow('a'), admitted]);
    });
  });
}
