import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { CashEntryRow, CashReads, CashRepository } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members, usdOf } from './columns.js';
import { insertOnce } from './statements.js';
import { CASH_ENTRIES } from './tables.js';

const KINDS: Members<CashEntryRow['kind']> = {
  opening_balance: true,
  fee: true,
  dividend: true,
  interest: true,
  transfer: true,
  adjustment: true,
};

export function cashReads(client: Client, account: string): CashReads {
  return {
    entries: async () => {
      const stored = await client.models.cashEntry.findMany({
        where: { account },
        orderBy: { id: 'asc' },
      });
      return stored.map(cashEntryRow);
    },
  };
}

export function cashRepository(client: Client, account: string): CashRepository {
  return {
    ...cashReads(client, account),
    record: (entry) => insertOnce(client, CASH_ENTRIES, cashEntryColumns(account, entry)),
  };
}

export function cashEntryColumns(
  account: string,
  row: CashEntryRow,
): Columns<Prisma.CashEntryModel> {
  return {
    account,
    entryId: row.entryId,
    kind: row.kind,
    amountMicros: BigInt(row.amount),
    evidence: row.evidence,
    atMs: BigInt(row.atMs),
  };
}

function cashEntryRow(stored: Stored<Prisma.CashEntryModel>): CashEntryRow {
  return {
    entryId: stored.entryId,
    kind: member(KINDS, stored.kind),
    amount: usdOf(stored.amountMicros),
    evidence: stored.evidence,
    atMs: instantOf(stored.atMs),
  };
}
