import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewOf } from '../../../activities/order/order-view.js';
import type { OrderRow } from '../../../adapters/store/port.js';
import { type OrderProgress, WITHOUT_EXITS } from '../../../domain/order/index.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import type { ManualOrder } from '../../../workers/run-port.js';
import { submitOnce } from '../../../workers/submit-once.js';
import type { OrderView } from '../../../workflows/contract/order.js';
import { openTestDatabase, type TestDatabase } from '../../store/open-books.js';
import { ACCOUNT, idOf, newAccount, orderRow } from '../../store/rows-fixture.js';

const WISH: ManualOrder = {
  clientOrderId: 'mine-1',
  symbol: 'SPY',
  side: 'buy',
  quantity: wholeUnits(10),
  amount: null,
  type: 'limit',
  limitPrice: price(145_200_000_000),
  stopPrice: null,
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};
const OTHER: ManualOrder = { ...WISH, side: 'sell', quantity: wholeUnits(7) };
const FILLED: OrderProgress = { state: 'filled', brokerOrderId: 'b1' };
const ACCEPTED: OrderProgress = { state: 'accepted', brokerOrderId: 'b1' };

let test: TestDatabase;
let asked: number;

beforeEach(async () => {
  asked = 0;
  test = await openTestDatabase();
  await test.database.books.openAccount(newAccount());
});

afterEach(async () => {
  await test.close();
});

/** The order of `WISH` as the books hold it in a state. */
function rowIn(progress: OrderProgress): OrderRow {
  const row = orderRow('mine-1');
  const intent = { ...row.order.intent, ...WISH, clientOrderId: idOf('mine-1') };
  return { ...row, order: { ...row.order, intent, progress } };
}

async function hold(row: OrderRow): Promise<OrderRow> {
  await test.database.books.transaction(ACCOUNT, (transaction) => transaction.orders.create(row));
  return row;
}

/** Submits as Ada; the run answers with the view that the books hold by then. */
function submit(order: ManualOrder, whileAsked = async (): Promise<unknown> => null) {
  const submission = { dataDirectory: test.folder, account: ACCOUNT, order, by: 'Ada' };
  return submitOnce(submission, async (): Promise<OrderView> => {
    asked += 1;
    await whileAsked();
    const row = await test.database.books.reader(ACCOUNT).orders.byClientOrderId('mine-1');
    return viewOf(row ?? rowIn(ACCEPTED));
  });
}

async function denials() {
  const audit = await test.database.books.reader(ACCOUNT).audit.from(1, 10);
  return audit.filter(({ kind }) => kind === 'wish_denied');
}

describe('submitOnce: an id that is taken', () => {
  it.each([
    ['works', ACCEPTED],
    ['is over', FILLED],
  ])('other fields, the first %s → denied, one audit line, nobody asked', async (_, progress) => {
    const held = await hold(rowIn(progress));
    expect(await submit(OTHER)).toMatchObject({
      clientOrderId: 'mine-1',
      state: 'denied',
      quantity: '7',
      detail: expect.stringMatching(/^id_used_with_other_fields: .* differs in side, quantity$/),
    });
    expect(asked).toBe(0);
    const lines = await denials();
    expect(lines.map(({ entity, actor }) => ({ entity, actor }))).toEqual([
      { entity: 'mine-1', actor: 'Ada' },
    ]);
    const { orders } = test.database.books.reader(ACCOUNT);
    expect(await orders.byClientOrderId('mine-1')).toEqual(held);
  });

  it('another wish takes the id while this one is asked → denied all the same', async () => {
    const view = await submit(OTHER, () => hold(rowIn(ACCEPTED)));
    expect(view.state).toBe('denied');
    expect(asked).toBe(1);
    expect(await denials()).toHaveLength(1);
  });

  it('the same fields, the first works → asked, answered with the order as it is', async () => {
    const held = await hold(rowIn(ACCEPTED));
    expect(await submit(WISH)).toEqual(viewOf(held));
    expect(asked).toBe(1);
    expect(await denials()).toEqual([]);
  });

  it('the same fields, the first is over → answered from the books', async () => {
    const held = await hold(rowIn(FILLED));
    expect(await submit(WISH)).toEqual(viewOf(held));
    expect(asked).toBe(0);
    expect(await denials()).toEqual([]);
  });

  it('an id that is free → asked', async () => {
    expect((await submit(WISH)).state).toBe('accepted');
    expect(asked).toBe(1);
  });
});
