import { describe, expect, it } from 'vitest';
import type { Books } from '../../checker/books.js';
import { check, type Sides } from '../../checker/check.js';
import { checkTurns } from '../../checker/check-turns.js';
import { checkWorkflows } from '../../checker/check-workflows.js';
import { cashOf, microsOf, nanosOf, shareOf } from '../../checker/exact.js';
import type { Journal } from '../../checker/journal.js';
import { ENTRY, EXIT, soundSides } from './sound-sides.js';
import { checkStatement, ordersThatRaise, readStatement } from '../../checker/statement.js';

const sound = soundSides();

function withBooks(change: Partial<Books>): Sides {
  return { ...sound, books: { ...sound.books, ...change } };
}

function withJournal(change: Partial<Journal>): Sides {
  return { ...sound, journal: { ...sound.journal, ...change } };
}

type Rows = 'orders' | 'fills' | 'trades' | 'positions' | 'position_changes' | 'order_events';

/** The books with one row of a table changed. */
function withRow<Name extends Rows>(
  table: Name,
  index: number,
  change: Partial<Books[Name][number]>,
): Sides {
  const rows = sound.books[table].map((row, at) => (at === index ? { ...row, ...change } : row));
  return withBooks({ [table]: rows });
}

function withAccount(change: Partial<Books['account']>): Sides {
  return withBooks({ account: { ...sound.books.account, ...change } });
}

function withBrokerOrder(id: string, change: object): Sides {
  const order = sound.journal.orders.get('broker-1');
  if (order === undefined) throw new Error('expected the order of the sound day');
  return withJournal({
    orders: new Map([...sound.journal.orders, [id, { ...order, id, ...change }]]),
  });
}

/** What the checker says of the states of an order, when both sides have it like this. */
function statesFound(status: string, state: string): readonly string[] {
  const { journal } = withBrokerOrder('broker-1', { status });
  const { books } = withRow('orders', 0, { state });
  return check({ books, journal }).filter((line) => line.startsWith('I4: order'));
}

const { fills, order_events: events, audit_records: records } = sound.books;
const [firstFill] = fills;
if (firstFill === undefined) throw new Error('expected fills of the sound day');

describe('the checker', () => {
  it('a sound day: nothing', () => {
    expect(check(sound)).toEqual([]);
  });

  it.each([
    ['a held leg', 'held', 'held'],
    ['a held leg that is asked to go', 'held', 'pending_cancel'],
    ['a replacement that pends', 'pending_replace', 'pending_replace'],
    ['an order rejected after all', 'rejected', 'refused'],
  ])('%s, %s at the broker and %s in the books: nothing', (_what, status, state) => {
    expect(statesFound(status, state)).toEqual([]);
  });

  it.each([
    ['held', 'accepted'],
    ['new', 'held'],
    ['pending_replace', 'replaced'],
    ['rejected', 'canceled'],
  ])('%s at the broker and %s in the books: found', (status, state) => {
    expect(statesFound(status, state)).toEqual([
      `I4: order ${ENTRY} is ${state}, the broker has it ${status}`,
    ]);
  });

  it('partially_filled with nothing filled any more, accepted in the books: nothing', () => {
    const { journal } = withBrokerOrder('broker-1', {
      status: 'partially_filled',
      filledNanos: 0n,
    });
    const { books } = withRow('orders', 0, { state: 'accepted', filled_quantity_nanos: 0n });
    const found = check({ books, journal });
    expect(found.filter((line) => line.startsWith('I4: order'))).toEqual([]);
  });

  it('an order in dollars: its units are not the broker’s to say', () => {
    expect(check(withBrokerOrder('broker-1', { quantityNanos: null }))).toEqual([]);
  });

  it.each<[planted: string, sides: Sides, found: string]>([
    ['a fill row twice', withBooks({ fills: [...fills, firstFill] }), 'is booked 2×'],
    [
      'a fill that never happened',
      withBooks({
        fills: [
          ...fills,
          { ...firstFill, fill_id: 'fill-4', cumulative_before_nanos: 100n, execution_id: null },
        ],
      }),
      'never happened',
    ],
    ['a missing fill', withBooks({ fills: fills.slice(1) }), 'is not booked'],
    [
      'a missing execution',
      withJournal({ executions: sound.journal.executions.slice(0, 2) }),
      'never happened',
    ],
    ['a fill at another price', withRow('fills', 0, { price_nanos: 1n }), 'price 1, the broker'],
    ['a fill with other cash', withRow('fills', 0, { notional_micros: 1n }), 'cash 1, the broker'],
    ['a fill of another side', withRow('fills', 0, { side: 'sell' }), 'another side'],
    ['an execution id of another', withRow('fills', 0, { execution_id: 'x' }), 'execution x'],
    ['an activity id of another', withRow('fills', 2, { activity_id: 'x' }), 'activity x'],
    ['an inferred fill', withRow('fills', 0, { kind: 'inferred' }), 'is inferred'],
    ['cash off by a micro', withAccount({ cash_micros: 100_001_400_001n }), 'I4: cash'],
    ['other opening cash', withAccount({ opening_cash_micros: 1n }), 'I5: opening cash'],
    ['fees from nowhere', withAccount({ fees_micros: 1n }), 'I5: fees'],
    ['other realised total', withAccount({ realized_pnl_micros: 0n }), 'realized_pnl_micros'],
    ['money still reserved', withAccount({ reserved_micros: 5n }), 'I9: 5 is reserved'],
    [
      'a reservation of a closed order',
      withBooks({ reservations: [{ client_order_id: ENTRY, amount_micros: 0n }] }),
      'reserved for closed order',
    ],
    [
      'a position that is not there',
      withRow('positions', 0, { quantity_nanos: 1n }),
      'I4: SPY holds',
    ],
    ['a cost basis left over', withRow('positions', 0, { cost_basis_micros: 1n }), 'I5: SPY cost'],
    ['another P&L', withRow('positions', 0, { realized_pnl_micros: 1n }), 'P&L: SPY realised'],
    [
      'a changed change',
      withRow('position_changes', 1, { realized_micros: 1n }),
      'position change',
    ],
    [
      'an adjustment',
      withRow('position_changes', 1, { cause: 'adjustment' }),
      'changed by adjustment',
    ],
    ['a lost change', withBooks({ position_changes: [] }), '0 position changes and 3 fills'],
    ['a trade with another gain', withRow('trades', 0, { realized_pnl_micros: 1n }), 'wrong trade'],
    ['a trade with other slippage', withRow('trades', 0, { slippage_micros: 1n }), 'wrong trade'],
    ['a trade that is still open', withRow('trades', 0, { closed_at_ms: null }), 'missing trade'],
    ['no trade', withBooks({ trades: [] }), 'missing trade'],
    ['two broker orders for one id', withBrokerOrder('broker-9', {}), 'I1: the broker holds 2'],
    [
      'a broker order nobody asked for',
      withBrokerOrder('broker-9', { clientOrderId: 'stranger' }),
      'I1: order stranger is at the broker',
    ],
    [
      'a request before its row',
      withJournal({
        submissions: [{ clientOrderId: ENTRY, receivedWallMs: 1_005, status: 200 }],
      }),
      'had no send in the books',
    ],
    [
      'a second request for one send',
      withJournal({
        submissions: [
          ...sound.journal.submissions,
          { clientOrderId: EXIT, receivedWallMs: 2_011, status: 200 },
        ],
      }),
      `request 2 for order ${EXIT}`,
    ],
    ['an order in another state', withRow('orders', 0, { state: 'accepted' }), 'is accepted, the'],
    ['an order left unknown', withRow('orders', 0, { state: 'unknown' }), 'was left unknown'],
    [
      'an order with other quantity',
      withRow('orders', 0, { ordered_quantity_nanos: 1n }),
      'quantity 1,',
    ],
    ['an order with other fills', withRow('orders', 0, { filled_notional_micros: 1n }), 'shows'],
    ['an order the broker lacks', withJournal({ orders: new Map() }), 'the broker never took it'],
    ['a parked order', withRow('orders', 0, { parked_reason: 'odd' }), 'is parked: odd'],
    ['a hole in a path', withBooks({ order_events: events.slice(1) }), 'does not follow'],
    [
      'a quarantined event',
      withRow('order_events', 3, { outcome: 'quarantined' }),
      'was quarantined',
    ],
    [
      'an undelivered message',
      withBooks({
        outbox: [{ kind: 'start_order', target: ENTRY, version: 2n, delivered_version: 1n }],
      }),
      'I14: outbox start_order',
    ],
    [
      'an external broker event',
      withBooks({
        broker_events: [{ event_id: 'event-1', outcome: 'external', client_order_id: null }],
      }),
      'broker event event-1 was external',
    ],
    [
      'a discrepancy',
      withBooks({
        discrepancies: [{ kind: 'cash_mismatch', subject: 'cash', local: '1', broker: '2' }],
      }),
      'discrepancy cash_mismatch',
    ],
    ['a lost audit record', withBooks({ audit_records: records.slice(1) }), 'record 1 is missing'],
    [
      'a changed audit record',
      withBooks({ audit_records: records.map((record) => ({ ...record, actor: 'other' })) }),
      'record 1 was changed',
    ],
    ['a cut audit chain', withBooks({ audit_records: records.slice(0, 1) }), 'found another end'],
  ])('%s: found', (_planted, sides, found) => {
    expect(check(sides).join('\n')).toContain(found);
  });
});

describe('checkWorkflows', () => {
  const completed = [ENTRY, EXIT].map((id) => ({
    workflowId: `order/sim-2013-10-07-1/${id}`,
    status: 'COMPLETED',
  }));
  it.each([
    ['all completed', completed, []],
    ['one missing', completed.slice(1), [expect.stringContaining('is missing')]],
    [
      'one still running',
      completed.map((one, index) => (index === 0 ? { ...one, status: 'RUNNING' } : one)),
      [expect.stringContaining('is RUNNING, expected COMPLETED')],
    ],
  ])('%s', (_circumstance, listed, expected) => {
    expect(checkWorkflows(sound.books, listed)).toEqual(expected);
  });
});

describe('checkTurns', () => {
  /** The same two orders as the entry and the exit of a turn; the entry was sent first. */
  function turnOf(state: string, entry: string, exit: string): Books {
    const named = (id: string): string => (id === ENTRY ? entry : exit);
    const renamed = <One extends { readonly client_order_id: string }>(row: One): One => ({
      ...row,
      client_order_id: named(row.client_order_id),
    });
    return {
      ...sound.books,
      orders: sound.books.orders.map(renamed),
      order_events: sound.books.order_events.map(renamed),
      turns: [{ turn_id: 'turn-1', state }],
    };
  }

  it.each([
    ['turned, and its entry filled', turnOf('turned', 'turn-1-entry', 'other'), []],
    ['turned, without an entry', turnOf('turned', 'a', 'turn-1-exit'), ['has not filled']],
    ['closed only, and its entry filled', turnOf('closed_only', 'turn-1-entry', 'b'), ['filled']],
    [
      'its entry sent before its exit had ended',
      turnOf('turned', 'turn-1-entry', 'turn-1-exit2'),
      ['turn-1-entry was sent before turn-1-exit2 ended'],
    ],
  ])('%s', (_circumstance, books, expected) => {
    expect(checkTurns(books)).toEqual(expected.map((line) => expect.stringContaining(line)));
  });

  it('a turn whose workflow is missing → said', () => {
    const books = { ...sound.books, orders: [], turns: [{ turn_id: 'turn-1', state: 'kept' }] };
    expect(checkWorkflows(books, [])).toEqual([expect.stringContaining('turn-1 is missing')]);
  });
});

describe('the statement of the broker', () => {
  const orders = { openOrders: [], closedOrders: [] };
  const bodies = { account: { cash: '100001.4' }, positions: [], ...orders };
  const sell = { client_order_id: 'a', symbol: 'SPY', side: 'sell', qty: '5', filled_qty: '1' };
  const leg = { ...sell, status: 'held' };
  const long = [{ symbol: 'SPY', qty: '4' }];
  it.each([
    ['agrees', bodies, []],
    ['other cash', { ...bodies, account: { cash: '1' } }, ['I4: cash']],
    ['a position', { ...bodies, positions: long }, ['I4: SPY holds 0']],
    ['an open order', { ...bodies, openOrders: [sell] }, ['I4: only there open: a with 4']],
    ['a leg that waits', { ...bodies, closedOrders: [leg] }, ['I4: only there open: a with 4']],
    ['an end', { ...bodies, closedOrders: [{ ...leg, status: 'canceled' }] }, []],
  ])('%s', (_circumstance, given, expected) => {
    const found = checkStatement(sound.books, readStatement(given));
    expect(found).toEqual(expected.map((line) => expect.stringContaining(line)));
  });

  it.each([
    ['a sell of what is held', [sell], []],
    ['a sell of more', [{ ...sell, qty: '6' }], ['a']],
    ['two sells that are too much together', [sell, { ...sell, client_order_id: 'b' }], ['a', 'b']],
    ['a buy on top', [{ ...sell, side: 'buy' }], ['a']],
  ])('%s: what raises', (_circumstance, openOrders, expected) => {
    const statement = readStatement({ ...bodies, positions: long, openOrders });
    expect(ordersThatRaise(statement).map((order) => order.clientOrderId)).toEqual(expected);
  });
});

describe('exact arithmetic', () => {
  it.each([
    [nanosOf('0.000000001'), 1n],
    [microsOf('-12.5'), -12_500_000n],
    [cashOf(1n, 500_000_000_000n), 1n],
    [cashOf(1n, 499_999_999_999n), 0n],
    [shareOf(-3n, 1n, 2n), -2n],
  ])('%s = %s', (found, expected) => {
    expect(found).toBe(expected);
  });

  it.each(['', '1e3', '1.0000000001', '.5'])('%s: refused', (text) => {
    expect(() => nanosOf(text)).toThrow('expected a decimal');
  });
});
