import { expect, it } from 'vitest';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { OrderRow } from '../../adapters/store/port.js';
import type { OrderIntent, OrderProgress } from '../../domain/order/index.js';
import { epochMs, wholeUnits } from '../../domain/values/index.js';
import { newAccount, orderRow, positionRow } from '../store/rows-fixture.js';
import { ReduceOnly } from './invariants/reduce-only.js';

const ACCOUNT = 'sim-test-1';
/** Of this the books hold 100 units. */
const SYMBOL = 'SPY';
const SUBMITTING: OrderProgress = {
  state: 'submitting',
  sendDeadlineAtMs: epochMs(0),
  earlierSendAtMs: null,
};
const CANCELED: OrderProgress = { state: 'canceled', brokerOrderId: 'broker-2' };

interface Sold {
  readonly units?: number;
  readonly side?: OrderIntent['side'];
  readonly progress?: OrderProgress;
  readonly parent?: string;
}

function orderOf(clientOrderId: string, { units = 100, side = 'sell', ...more }: Sold): OrderRow {
  const row = orderRow(clientOrderId);
  const intent = { ...row.order.intent, symbol: SYMBOL, side, quantity: wholeUnits(units) };
  const order = { ...row.order, intent, orderedQuantity: intent.quantity };
  const { progress = SUBMITTING, parent = null } = more;
  return { ...row, parent, order: { ...order, progress } };
}

async function watched(): Promise<{ readonly rules: ReduceOnly; at(nowMs: number): void }> {
  const books = openMemoryBooks();
  await books.openAccount(newAccount(ACCOUNT));
  await books.transaction(ACCOUNT, ({ positions }) => positions.upsert(positionRow(SYMBOL)));
  let latestMs = 0;
  const rules = new ReduceOnly({ reader: books.reader(ACCOUNT), nowMs: () => latestMs });
  return {
    rules,
    at: (nowMs) => {
      latestMs = nowMs;
    },
  };
}

const OTHER = 'sim-other-SPY-2-exit';
const ID = 'sim-test-SPY-1-exit';
const ADMITTED = [`I7: ${ID} is admitted in reduce-only`];

it.each([
  ['all that is held', {}, [], []],
  ['more than is held', { units: 101 }, [], ADMITTED],
  ['a buy beside what is held', { side: 'buy', units: 1 }, [], ADMITTED],
  ['all, and an exit is open', {}, [orderOf(OTHER, { units: 1 })], ADMITTED],
  ['all, and an entry is open', {}, [orderOf(OTHER, { side: 'buy' })], []],
  ['all, and an exit was canceled', {}, [orderOf(OTHER, { progress: CANCELED })], []],
  ['a leg in the place of another', { units: 500, parent: OTHER }, [], []],
] as const)('in reduce-only: %s', async (_name, wish, others, faults) => {
  const { rules } = await watched();
  const send = orderOf(ID, wish);
  expect(await rules.commitFaults('reduce_only', [send], [send, ...others])).toEqual(faults);
  expect(rules.judged).toBe(1);
});

it('an entry without a halt → sent, also while a halt has just come; not any later', async () => {
  const { rules, at } = await watched();
  const send = orderOf(ID, { side: 'buy' });
  expect(await rules.commitFaults('none', [send], [send])).toEqual([]);
  expect(await rules.commitFaults('reduce_only', [], [send])).toEqual([]);
  at(1_000);
  expect(rules.sendFaults(ID)).toEqual([]);
  at(1_001);
  expect(rules.sendFaults(ID)).toEqual([
    `I7: ${ID} is sent in reduce-only, and can raise exposure`,
  ]);
  expect(await rules.commitFaults('none', [], [send])).toEqual([]);
  expect(rules.sendFaults(ID)).toEqual([]);
});
