import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { price, usd } from '../../domain/values/index.js';
import { openTestDatabase, type TestDatabase } from './open-books.js';
import { ACCOUNT, fillOf, newAccount, orderRow, positionRow, tradeRow } from './rows-fixture.js';

describe('views for people', () => {
  let opened: TestDatabase;

  beforeEach(async () => {
    opened = await openTestDatabase();
    await opened.database.books.openAccount(newAccount());
    await opened.database.books.transaction(ACCOUNT, async (tx) => {
      await tx.orders.create(orderRow('a'));
      await tx.fills.record({ ...fillOf('a', 0, 100), price: price(145_200_000_001) });
      await tx.positions.upsert(positionRow('SPY', { realizedPnl: usd(-1), lastPrice: null }));
      await tx.trades.record(tradeRow('1', { realizedPnl: usd(-1_500_001) }));
    });
  });
  afterEach(() => opened.close());

  const rowOf = (view: string): unknown => {
    const database = new Sqlite(opened.file, { readonly: true });
    try {
      return database.prepare(`SELECT * FROM ${view}`).get();
    } finally {
      database.close();
    }
  };

  it.each([
    [
      'orders_view',
      {
        quantity: '100.500000001',
        limit_price_usd: '145.200000001',
        stop_price_usd: '145.1',
        filled_quantity: '0',
        filled_notional_usd: '0.000000',
        created_at: '2013-10-07 13:31:00.000',
      },
    ],
    [
      'fills_view',
      {
        cumulative_before: '0',
        cumulative_after: '100',
        price_usd: '145.200000001',
        notional_usd: '14520.000000',
      },
    ],
    ['positions_view', { quantity: '100', realized_pnl_usd: '-0.000001', last_price_usd: null }],
    ['trades_view', { realized_pnl_usd: '-1.500001', slippage_usd: '-0.000005', closed_at: null }],
  ])('%s → exact decimals, signs and instants', (view, expected) => {
    expect(rowOf(view)).toMatchObject(expected);
  });
});
