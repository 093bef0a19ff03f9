import type { EpochMs } from '../../domain/values/index.js';
import { wireInstant } from '../wire/instant.js';

export type JournalKind =
  | 'account_opened'
  | 'session'
  | 'order'
  | 'execution'
  | 'execution_busted'
  | 'execution_corrected'
  | 'request'
  | 'stream'
  | 'borrow'
  | 'fault';

/** One thing that really happened. `cursor` counts from 1; `at` is market time. */
export interface JournalEntry {
  readonly cursor: number;
  readonly at: string;
  readonly kind: JournalKind;
  readonly [member: string]: unknown;
}

/** The ground truth for checkers: append-only, complete, never touched by a fault. */
export class Journal {
  private readonly entries: JournalEntry[] = [];

  append(kind: JournalKind, atMs: EpochMs, members: Readonly<Record<string, unknown>>): void {
    const cursor = this.entries.length + 1;
    this.entries.push({ cursor, at: wireInstant(atMs), kind, ...members });
  }

  /** Entries after a cursor, oldest first, at most `limit`. */
  after(cursor: number, limit: number): readonly JournalEntry[] {
    return this.entries.slice(cursor, cursor + limit);
  }
}
