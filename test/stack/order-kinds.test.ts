import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { price, wholeUnits } from '../../domain/values/index.js';
import { connectToRun } from '../../workers/run-client.js';
import type { ManualOrder, RunClient } from '../../workers/run-port.js';
import { readRunRecord } from '../../workers/run-record.js';
import { addFault, checkFolder, exchangeOfRun, violationsOf } from '../support/stack-evidence.js';
import {
  openStackFolder,
  type RunningCommand,
  type StackFolder,
  told,
} from '../support/stack-folder.js';

// Orders by hand beside a strategy that does nothing in the first minutes of its day.
const START = ['start', '--market', 'synthetic', '--symbols', 'SPY', '--speed', '5'];
const STRATEGY = ['--strategy', 'moving-average-cross'];
const PATIENCE = { timeout: 30_000, interval: 200 };
const SPY = ['--symbol', 'SPY', '--side', 'buy', '--qty', '10'];
/** Far below the market, so that it rests. */
const RESTING = [...SPY, '--type', 'limit', '--limit', '1.00'];

const RESTING_ORDER: Omit<ManualOrder, 'clientOrderId'> = {
  symbol: 'SPY',
  side: 'buy',
  quantity: wholeUnits(10),
  amount: null,
  type: 'limit',
  limitPrice: price(1_000_000_000),
  stopPrice: null,
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};
const UNCHANGED = { quantity: null, limitPrice: null, stopPrice: null, timeInForce: null };
const BY_ADA = { ...UNCHANGED, requestedBy: 'Ada', reason: 'a test' };

let folder: StackFolder;
let running: RunningCommand;
/** What the commands use, without a process for each. */
let client: RunClient;

interface OrderLine {
  readonly client_order_id: string;
  readonly state: string;
  readonly leg: string;
  readonly parent: string | null;
}

beforeAll(async () => {
  folder = await openStackFolder('kinds');
  running = folder.launch([...START, ...STRATEGY]);
  await running.untilLine(/^running: account/);
  const run = readRunRecord(folder.dataDirectory);
  if (run === null) throw new Error('expected a run in the folder, found none');
  client = await connectToRun(run);
  await untilOpen();
});

afterAll(async () => {
  await client.close();
  await folder.remove();
});

/** What is queued for the open cannot be replaced. */
async function untilOpen(): Promise<void> {
  await vi.waitFor(async () => {
    const clock = await fetch(`${exchangeOfRun(folder.dataDirectory).url}/_clock`);
    expect(await clock.json()).toMatchObject({ phase: 'open' });
  }, PATIENCE);
}

/** The one JSON value that a command answers with. */
async function answer(...words: readonly string[]): Promise<Record<string, unknown>> {
  const end = await folder.run(['order', ...words, '--json']);
  expect(end.lines, told(end)).toHaveLength(1);
  return JSON.parse(end.lines[0] ?? '') as Record<string, unknown>;
}

function orders(): readonly OrderLine[] {
  const file = join(folder.dataDirectory, 'ordinis.db');
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare<[], OrderLine>('SELECT * FROM orders').all();
  } finally {
    database.close();
  }
}

async function untilState(clientOrderId: string, state: string): Promise<void> {
  await vi.waitFor(() => {
    const line = orders().find((one) => one.client_order_id === clientOrderId);
    expect(line?.state).toBe(state);
  }, PATIENCE);
}

describe('order kinds through the command', () => {
  it('replace: a new order in the place of the old one, and its cancel', async () => {
    expect(await answer('submit', ...RESTING, '--id', 'm1')).toMatchObject({ state: 'accepted' });
    expect(await answer('replace', 'm1', '--limit', '1.05')).toMatchObject({
      outcome: 'requested',
      replacement: 'm1.r1',
    });
    await untilState('m1', 'replaced');
    expect(await answer('cancel', 'm1.r1')).toMatchObject({ outcome: 'requested' });
    await untilState('m1.r1', 'canceled');
  });

  it('a taken id: other fields → denied; the same fields → the order as it is', async () => {
    const first = orders().find((one) => one.client_order_id === 'm1');
    const by = { by: 'Ada', dataDirectory: folder.dataDirectory };
    const wish = { ...RESTING_ORDER, clientOrderId: 'm1' };
    const other = { ...wish, quantity: wholeUnits(7) };
    expect(await client.submitOrder(other, by)).toMatchObject({ state: 'denied', quantity: '7' });
    expect(await client.submitOrder(wish, by)).toMatchObject({ state: 'replaced' });
    expect(orders().find((one) => one.client_order_id === 'm1')).toEqual(first);
  });

  it('replace: refused by the broker → the order works on', async () => {
    const { dataDirectory } = folder;
    const wish = { ...RESTING_ORDER, clientOrderId: 'r1' };
    await client.submitOrder(wish, { by: 'Ada', dataDirectory });
    await addFault(exchangeOfRun(folder.dataDirectory), {
      match: { method: 'PATCH' },
      action: { kind: 'reject_later' },
    });
    await client.replaceOrder('r1', { ...BY_ADA, limitPrice: price(1_050_000_000) });
    await untilState('r1.r1', 'refused');
    await untilState('r1', 'accepted');
  });

  it('replace: the request is lost → sent again under its own id, once', async () => {
    await addFault(exchangeOfRun(folder.dataDirectory), {
      match: { method: 'PATCH' },
      action: { kind: 'drop_before' },
    });
    const change = { ...BY_ADA, limitPrice: price(1_070_000_000) };
    expect(await client.replaceOrder('r1', change)).toMatchObject({
      outcome: 'unknown',
      replacement: 'r1.r2',
    });
    await untilState('r1.r2', 'accepted');
    await untilState('r1', 'replaced');
  });

  it('bracket: its exits are orders; one is replaced, and a cancel ends the group', async () => {
    const exits = ['--class', 'bracket', '--take-profit', '5000', '--stop-loss', '100'];
    await answer('submit', ...SPY, ...exits, '--id', 'b1');
    await untilState('b1', 'filled');
    const legs = orders().filter(({ parent }) => parent === 'b1');
    expect(legs.map(({ leg, state }) => `${leg} ${state}`).toSorted()).toEqual([
      'profit accepted',
      'stop held',
    ]);
    const stop = legs.find(({ leg }) => leg === 'stop')?.client_order_id ?? '';
    const change = { ...BY_ADA, stopPrice: price(101_000_000_000) };
    expect(await client.replaceOrder(stop, change)).toMatchObject({ outcome: 'requested' });
    await untilState(`${stop}.r1`, 'held');
    expect(await client.cancelOrder(`${stop}.r1`, BY_ADA)).toMatchObject({ outcome: 'requested' });
    for (const { client_order_id: id, leg } of legs) {
      await untilState(id, leg === 'stop' ? 'replaced' : 'canceled');
    }
  });

  it('stopped → the books equal the journal, whatever was lost on the way', async () => {
    running.signal('SIGTERM');
    const end = await running.ended;
    expect(end.code, told(end)).toBe(0);
    expect(violationsOf(await checkFolder(folder.dataDirectory))).toEqual([]);
  });
});
