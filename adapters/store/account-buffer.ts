import { type AuditHead, chainAudit } from './audit.js';
import type { AccountRow, AccountTotals, AuditEntry, AuditRow } from './port.js';

/** What a transaction gathers and writes once, when it commits: the totals and the audit chain. */
export interface AccountBuffer {
  readonly totals: AccountTotals;
  audit(entry: AuditEntry): void;
  /**
   * The account's row as it must be stored and the audit records to append; null: nothing changed.
   */
  flush(): { readonly account: AccountRow; readonly auditRows: readonly AuditRow[] } | null;
}

/** Opens a buffer over the account's row, as the lock statement returned it. */
export function openAccountBuffer(locked: AccountRow): AccountBuffer {
  let current = locked;
  const entries: AuditEntry[] = [];
  return {
    totals: {
      get: () => current,
      set: (change) => {
        current = { ...current, ...change };
      },
    },
    audit: (entry) => {
      entries.push(entry);
    },
    flush: () => {
      if (current === locked && entries.length === 0) return null;
      const head: AuditHead = { sequence: locked.auditSequence, hash: locked.auditHead };
      const auditRows = chainAudit(locked.account, head, entries);
      const last = auditRows.at(-1);
      const account =
        last === undefined
          ? current
          : { ...current, auditSequence: last.sequence, auditHead: last.hash };
      return { account, auditRows };
    },
  };
}
