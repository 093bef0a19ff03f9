import { assert } from '../../../domain/values/index.js';
import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { AccountRow, HaltMode } from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf, member, type Members, usdOf } from './columns.js';
import { raiseVersion, updateRows } from './statements.js';
import { ACCOUNTS } from './tables.js';

const MODES: Members<AccountRow['mode']> = { simulated: true, paper: true, live: true };
const HALT_MODES: Members<HaltMode> = { none: true, reduce_only: true, halted: true };

export function accountRow(stored: Stored<Prisma.AccountModel>): AccountRow {
  return {
    account: stored.account,
    mode: member(MODES, stored.mode),
    brokerAccountNumber: stored.brokerAccountNumber,
    version: stored.version,
    openingCash: usdOf(stored.openingCashMicros),
    cash: usdOf(stored.cashMicros),
    realizedPnl: usdOf(stored.realizedPnlMicros),
    fees: usdOf(stored.feesMicros),
    longCostBasis: usdOf(stored.longCostBasisMicros),
    shortCostBasis: usdOf(stored.shortCostBasisMicros),
    reserved: usdOf(stored.reservedMicros),
    haltMode: member(HALT_MODES, stored.haltMode),
    haltVersion: stored.haltVersion,
    auditSequence: stored.auditSequence,
    auditHead: stored.auditHead,
    createdAtMs: instantOf(stored.createdAtMs),
  };
}

export function accountColumns(row: AccountRow): Prisma.AccountModel {
  return {
    account: row.account,
    mode: row.mode,
    brokerAccountNumber: row.brokerAccountNumber,
    version: row.version,
    openingCashMicros: BigInt(row.openingCash),
    cashMicros: BigInt(row.cash),
    realizedPnlMicros: BigInt(row.realizedPnl),
    feesMicros: BigInt(row.fees),
    longCostBasisMicros: BigInt(row.longCostBasis),
    shortCostBasisMicros: BigInt(row.shortCostBasis),
    reservedMicros: BigInt(row.reserved),
    haltMode: row.haltMode,
    haltVersion: row.haltVersion,
    auditSequence: row.auditSequence,
    auditHead: row.auditHead,
    createdAtMs: BigInt(row.createdAtMs),
  };
}

/**
 * The first statement of every transaction: takes the write lock (SQLite) or the row's lock
 * (PostgreSQL) and returns the row, with its version raised.
 */
export async function lockAccount(client: Client, account: string): Promise<AccountRow> {
  const stored = await raiseVersion(client, account);
  assert(stored !== null, `expected the account ${account} to be open, found none`);
  return accountRow(stored);
}

/** Writes the totals over the row that this transaction has locked. */
export async function storeAccount(client: Client, row: AccountRow): Promise<void> {
  const { account, ...data } = accountColumns(row);
  await updateRows(client, ACCOUNTS, { where: { account }, data });
}
