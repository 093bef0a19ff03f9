import { describe, expect, it } from 'vitest';
import { importCash } from '../../../activities/reconciliation/import-cash.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import type { CashActivity } from '../../../adapters/broker/port.js';
import { epochMs, usd } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { auditOf } from './order-of-test.js';

const OPENING_MICROS = 100_000_000_000;

function activityOf(change: Partial<CashActivity> = {}): CashActivity {
  return {
    activityId: '20131008::dividend-1',
    type: 'DIV',
    amount: usd(25_000_000),
    atMs: epochMs(BROKER_START_MS + 1),
    raw: '{"activity_type":"DIV"}',
    ...change,
  };
}

/** A world at Alpaca's tolerance, whose broker has moved its cash by these. */
async function worldWith(...activities: readonly CashActivity[]): Promise<TestWorld> {
  const test = await openTestWorld({ cashToleranceMicros: 1_000_000 });
  for (const activity of activities) {
    test.broker.cashActivities.push(activity);
    test.broker.cashMicros += activity.amount;
  }
  return test;
}

async function reconciled({ world }: TestWorld): Promise<string> {
  return (await reconcile(world, { account: ACCOUNT, trigger: 'schedule' })).outcome;
}

async function booked({ world }: TestWorld): Promise<readonly string[]> {
  const entries = await world.reader.cash.entries();
  return entries.slice(1).map(({ kind, amount }) => `${kind} ${amount}`);
}

async function cashOf({ world }: TestWorld): Promise<number | undefined> {
  return (await world.reader.account())?.cash;
}

describe('cash that moved without a fill', () => {
  it('a dividend → booked once with what the broker said of it, and the run is clean', async () => {
    const test = await worldWith(activityOf());
    expect(await reconciled(test)).toBe('clean');
    expect(await reconciled(test)).toBe('clean');
    expect((await test.world.reader.cash.entries()).slice(1)).toEqual([
      {
        entryId: 'activity/20131008::dividend-1',
        kind: 'dividend',
        amount: 25_000_000,
        evidence: '{"activity_type":"DIV"}',
        atMs: BROKER_START_MS + 1,
      },
    ]);
    expect(await cashOf(test)).toBe(OPENING_MICROS + 25_000_000);
    expect((await auditOf(test)).filter((kind) => kind === 'cash_imported')).toHaveLength(1);
  });

  it('fees below the tolerance → left; once they exceed it, all of them', async () => {
    const fee = (number: number) =>
      activityOf({ activityId: `fee-${number}`, type: 'FEE', amount: usd(-600_000) });
    const test = await worldWith(fee(1));
    expect(await reconciled(test)).toBe('clean');
    expect(await booked(test)).toEqual([]);
    test.broker.cashActivities.push(fee(2));
    test.broker.cashMicros -= 600_000;
    expect(await reconciled(test)).toBe('clean');
    expect(await booked(test)).toEqual(['fee -600000', 'fee -600000']);
    expect(await cashOf(test)).toBe(test.broker.cashMicros);
  });

  it('a difference that they do not explain → nothing booked, and it stays', async () => {
    const test = await worldWith(activityOf());
    test.broker.cashMicros += 1_000_001;
    expect(await reconciled(test)).toBe('discrepancies');
    expect(await booked(test)).toEqual([]);
    expect(await cashOf(test)).toBe(OPENING_MICROS);
  });

  it('nothing of it is told → the difference stays', async () => {
    const test = await worldWith();
    test.broker.cashMicros += 25_000_000;
    expect(await reconciled(test)).toBe('discrepancies');
    expect(await booked(test)).toEqual([]);
  });

  it('they cannot be read → what else differs is found all the same, and halts', async () => {
    const test = await worldWith(activityOf());
    test.broker.hold('SPY', 10);
    test.broker.failing.add('cashActivitiesSince');
    await expect(reconciled(test)).resolves.toBe('discrepancies');
    expect((await test.world.reader.account())?.haltMode).toBe('halted');
  });

  it('a word that nobody has decided about → the difference stays', async () => {
    const test = await worldWith(activityOf({ type: 'MA' }));
    expect(await reconciled(test)).toBe('discrepancies');
    expect(await booked(test)).toEqual([]);
  });

  it('from before the books began → it is in their opening balance', async () => {
    const test = await worldWith(activityOf());
    const atMs = epochMs(BROKER_START_MS);
    test.broker.cashActivities.push(activityOf({ activityId: 'deposit', type: 'CSD', atMs }));
    expect(await reconciled(test)).toBe('clean');
    expect(await booked(test)).toEqual(['dividend 25000000']);
  });

  it('two runs at once → booked once', async () => {
    const test = await worldWith(activityOf());
    await Promise.all([importCash(test.world), importCash(test.world)]);
    expect(await booked(test)).toEqual(['dividend 25000000']);
    expect(await cashOf(test)).toBe(test.broker.cashMicros);
  });
});
