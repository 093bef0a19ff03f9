import { hash as digestOf } from 'node:crypto';
import type { AuditEntry, AuditRow, BooksReader } from './port.js';

/** The hash before the first record of an account. */
export const AUDIT_GENESIS = '0'.repeat(64);

const PAGE_ROWS = 500;

/** Where a chain ends: the last sequence number and its hash. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

/**
 * What `verifyAudit` found. A fault names the first sequence number at which the chain is wrong.
 */
export type AuditVerdict =
  | { readonly kind: 'intact'; readonly records: number; readonly head: string }
  | {
      readonly kind: 'changed' | 'missing' | 'truncated';
      readonly sequence: number;
      readonly message: string;
    };

/**
 * One text for one entry: members by name, no spaces. The same entry gives the same text for ever.
 */
export function canonicalAuditText(
  account: string,
  sequence: number,
  { actor, atWallMs, body, entity, kind }: AuditEntry,
): string {
  return JSON.stringify({ account, actor, atWallMs, body, entity, kind, sequence });
}

/**
 * Appends entries to a chain: each record's hash is SHA-256 over the hash before it and its text.
 */
export function chainAudit(
  account: string,
  head: AuditHead,
  entries: readonly AuditEntry[],
): readonly AuditRow[] {
  let { sequence, hash: previousHash } = head;
  return entries.map((entry) => {
    sequence += 1;
    const hash = hashOf(previousHash, canonicalAuditText(account, sequence, entry));
    const row: AuditRow = { ...entry, sequence, previousHash, hash };
    previousHash = hash;
    return row;
  });
}

/**
 * Reads an account's whole chain, a page at a time, and compares it with the head in the account's
 * row. Tells the first record that was changed, is missing inside the chain, or was cut off its
 * end.
 */
export async function verifyAudit(
  reader: Pick<BooksReader, 'account' | 'audit'>,
  account: string,
): Promise<AuditVerdict> {
  const row = await reader.account();
  const promised: AuditHead =
    row === null
      ? { sequence: 0, hash: AUDIT_GENESIS }
      : { sequence: row.auditSequence, hash: row.auditHead };
  let head: AuditHead = { sequence: 0, hash: AUDIT_GENESIS };
  for (;;) {
    const page = await reader.audit.from(head.sequence + 1, PAGE_ROWS);
    for (const record of page) {
      const fault = faultOf(account, head, record) ?? headFault(promised, record);
      if (fault !== null) return fault;
      head = { sequence: record.sequence, hash: record.hash };
    }
    if (page.length < PAGE_ROWS) return endOfChain(promised, head);
  }
}

function endOfChain(promised: AuditHead, head: AuditHead): AuditVerdict {
  if (head.sequence >= promised.sequence) {
    return { kind: 'intact', records: head.sequence, head: head.hash };
  }
  const sequence = head.sequence + 1;
  const message = `expected audit records up to ${promised.sequence}, found ${head.sequence}`;
  return { kind: 'truncated', sequence, message };
}

function faultOf(account: string, head: AuditHead, record: AuditRow): AuditVerdict | null {
  const expected = head.sequence + 1;
  if (record.sequence !== expected) {
    const message = `expected audit record ${expected}, found ${record.sequence}`;
    return { kind: 'missing', sequence: expected, message };
  }
  const hash = hashOf(head.hash, canonicalAuditText(account, expected, record));
  if (record.previousHash === head.hash && record.hash === hash) return null;
  const message = `expected audit record ${expected} with hash ${hash}, found ${record.hash}`;
  return { kind: 'changed', sequence: expected, message };
}

/** A chain that was made anew from some record on is whole in itself, but not the promised one. */
function headFault(promised: AuditHead, record: AuditRow): AuditVerdict | null {
  if (record.sequence !== promised.sequence || record.hash === promised.hash) return null;
  const { sequence, hash } = record;
  const message = `expected the head ${promised.hash} at audit record ${sequence}, found ${hash}`;
  return { kind: 'changed', sequence, message };
}

function hashOf(previousHash: string, text: string): string {
  return digestOf('sha256', `${previousHash}\n${text}`, 'hex');
}
