import { describe, expect, it } from 'vitest';
import { BooksBusy, CommitUnknown } from '../../adapters/store/errors.js';
import { type MemoryFault, openMemoryBooks } from '../../adapters/store/memory/index.js';
import { openMemory } from './open-books.js';
import { describeOrders } from './orders.contract.js';
import { describeRepositories } from './repositories.contract.js';
import { ACCOUNT, alertRow, newAccount } from './rows-fixture.js';
import { describeTransactions } from './transactions.contract.js';

describeTransactions('memory', openMemory);
describeOrders('memory', openMemory);
describeRepositories('memory', openMemory);

describe('faults of memory books', () => {
  const cases: readonly {
    readonly fault: MemoryFault;
    readonly error: typeof BooksBusy | typeof CommitUnknown;
    readonly ran: number;
    readonly left: number;
  }[] = [
    { fault: 'busy', error: BooksBusy, ran: 0, left: 0 },
    { fault: 'error', error: CommitUnknown, ran: 1, left: 0 },
    { fault: 'commit_then_error', error: CommitUnknown, ran: 1, left: 1 },
  ];

  it.each(cases)('$fault → $left rows left, and the next transaction works', async (row) => {
    const faults: MemoryFault[] = [row.fault];
    const books = openMemoryBooks({ nextFault: () => faults.shift() ?? null });
    await books.openAccount(newAccount());
    let ran = 0;
    const attempt = books.transaction(ACCOUNT, async (tx) => {
      ran += 1;
      await tx.alerts.record(alertRow('1'));
    });
    await expect(attempt).rejects.toThrow(row.error);
    expect(ran).toBe(row.ran);
    expect(await books.reader(ACCOUNT).alerts.count()).toBe(row.left);
    await books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('2')));
    expect(await books.reader(ACCOUNT).alerts.count()).toBe(row.left + 1);
  });
});
