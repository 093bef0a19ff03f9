import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIT_GENESIS,
  canonicalAuditText,
  chainAudit,
  verifyAudit,
} from '../../adapters/store/audit.js';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { AuditRow, BooksReader } from '../../adapters/store/port.js';
import { ACCOUNT, auditEntry, newAccount } from './rows-fixture.js';

/** A reader over a chain that was tampered with, below the head that the account promises. */
async function readerOf(
  records: readonly AuditRow[],
  promised: { readonly auditSequence: number; readonly auditHead: string },
): Promise<Pick<BooksReader, 'account' | 'audit'>> {
  const books = openMemoryBooks();
  await books.openAccount(newAccount());
  const row = await books.reader(ACCOUNT).account();
  return {
    account: async () => (row === null ? null : { ...row, ...promised }),
    audit: {
      from: async (sequence, limit) =>
        records.filter((record) => record.sequence >= sequence).slice(0, limit),
    },
  };
}

function chainOf(length: number): readonly AuditRow[] {
  const entries = Array.from({ length }, (_, index) => auditEntry(`entity-${index + 1}`));
  return chainAudit(ACCOUNT, { sequence: 0, hash: AUDIT_GENESIS }, entries);
}

function verify(records: readonly AuditRow[], whole = chainOf(10)) {
  const last = whole.at(-1);
  const promised = { auditSequence: whole.length, auditHead: last?.hash ?? AUDIT_GENESIS };
  return readerOf(records, promised).then((reader) => verifyAudit(reader, ACCOUNT));
}

describe('chainAudit', () => {
  it('each hash → SHA-256 of the hash before it, a line end, and the text', () => {
    let previousHash = AUDIT_GENESIS;
    for (const record of chainOf(3)) {
      const text = canonicalAuditText(ACCOUNT, record.sequence, record);
      const hash = createHash('sha256').update(`${previousHash}\n${text}`).digest('hex');
      expect(record).toMatchObject({ previousHash, hash });
      previousHash = hash;
    }
  });
});

describe('verifyAudit', () => {
  const chain = chainOf(10);
  const withRecord = (index: number, change: Partial<AuditRow>): readonly AuditRow[] =>
    chain.map((record, at) => (at === index ? { ...record, ...change } : record));

  it('a whole chain → intact, with its length and head', async () => {
    expect(await verify(chain)).toEqual({ kind: 'intact', records: 10, head: chain[9]?.hash });
  });

  it('an account without records → intact', async () => {
    const verdict = await verify([], []);
    expect(verdict).toEqual({ kind: 'intact', records: 0, head: AUDIT_GENESIS });
  });

  it('more than one page → intact', async () => {
    const long = chainOf(1_001);
    expect(await verify(long, long)).toMatchObject({ kind: 'intact', records: 1_001 });
  });

  const tampered: readonly (readonly [string, readonly AuditRow[], object])[] = [
    ['a changed body', withRecord(3, { body: '{"a":2}' }), { kind: 'changed', sequence: 4 }],
    ['a changed actor', withRecord(0, { actor: 'mallory' }), { kind: 'changed', sequence: 1 }],
    ['a changed hash', withRecord(9, { hash: AUDIT_GENESIS }), { kind: 'changed', sequence: 10 }],
    ['a hole', chain.filter((record) => record.sequence !== 5), { kind: 'missing', sequence: 5 }],
    ['no first record', chain.slice(1), { kind: 'missing', sequence: 1 }],
    ['no last record', chain.slice(0, 9), { kind: 'truncated', sequence: 10 }],
    ['nothing at all', [], { kind: 'truncated', sequence: 1 }],
  ];
  it.each(tampered)('%s → the first bad record', async (_what, records, expected) => {
    expect(await verify(records)).toMatchObject(expected);
  });

  it('a chain made anew from some record on → changed at the promised head', async () => {
    const [third] = chain.slice(2, 3);
    const head = { sequence: 3, hash: third?.hash ?? '' };
    const forged = Array.from({ length: 7 }, () => auditEntry('forged'));
    const records = [...chain.slice(0, 3), ...chainAudit(ACCOUNT, head, forged)];
    expect(await verify(records)).toMatchObject({ kind: 'changed', sequence: 10 });
  });

  it('records that came after the head was read → intact', async () => {
    expect(await verify(chainOf(12))).toMatchObject({ kind: 'intact', records: 12 });
  });

  it('any one member of any record changed → noticed at that record', async () => {
    const members = ['actor', 'kind', 'entity', 'body', 'hash', 'previousHash'] as const;
    const property = fc.asyncProperty(
      fc.nat(9),
      fc.constantFrom(...members),
      fc.string({ minLength: 1 }),
      async (index, name, text) => {
        fc.pre(chain[index]?.[name] !== text);
        const verdict = await verify(withRecord(index, { [name]: text }));
        expect(verdict).toMatchObject({ kind: 'changed', sequence: index + 1 });
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
