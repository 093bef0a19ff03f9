import { ZERO_USD } from '../../domain/values/index.js';
import { AUDIT_GENESIS } from './audit.js';
import type { AccountRow, CashEntryRow, NewAccount } from './port.js';

/** The row of an account that has done nothing yet: its cash is what it was opened with. */
export function newAccountRow(opened: NewAccount): AccountRow {
  return {
    account: opened.account,
    mode: opened.mode,
    brokerAccountNumber: opened.brokerAccountNumber,
    version: 0,
    openingCash: opened.openingCash,
    cash: opened.openingCash,
    realizedPnl: ZERO_USD,
    fees: ZERO_USD,
    longCostBasis: ZERO_USD,
    shortCostBasis: ZERO_USD,
    reserved: ZERO_USD,
    haltMode: 'none',
    haltVersion: 0,
    auditSequence: 0,
    auditHead: AUDIT_GENESIS,
    createdAtMs: opened.createdAtMs,
  };
}

/** The cash entry that explains an account's first money. */
export function openingCashEntry(opened: NewAccount): CashEntryRow {
  return {
    entryId: `opening/${opened.account}`,
    kind: 'opening_balance',
    amount: opened.openingCash,
    evidence: '{}',
    atMs: opened.createdAtMs,
  };
}
