import type { Recorded } from '../port.js';

/** Rows by their key, in the order in which they came. */
export interface TableView<Row> {
  get(key: string): Row | undefined;
  all(): readonly Row[];
}

/** What is committed. Only a finished transaction changes it. */
export interface Table<Row> extends TableView<Row> {
  stage(): StagedTable<Row>;
}

/**
 * The changes of one transaction over a table: seen by the transaction, and by others once
 * applied.
 */
export interface StagedTable<Row> extends TableView<Row> {
  put(key: string, row: Row): void;
  insertOnce(key: string, row: Row): Recorded;
  delete(key: string): void;
  apply(): void;
}

export function openTable<Row>(): Table<Row> {
  return new CommittedTable<Row>();
}

class CommittedTable<Row> implements Table<Row> {
  readonly #rows = new Map<string, Row>();

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  all(): readonly Row[] {
    return [...this.#rows.values()];
  }

  stage(): StagedTable<Row> {
    return new TableOfTransaction(this.#rows);
  }
}

class TableOfTransaction<Row> implements StagedTable<Row> {
  readonly #committed: Map<string, Row>;
  /** Undefined: deleted here. */
  readonly #changes = new Map<string, Row | undefined>();

  constructor(committed: Map<string, Row>) {
    this.#committed = committed;
  }

  get(key: string): Row | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#committed.get(key);
  }

  all(): readonly Row[] {
    if (this.#changes.size === 0) return [...this.#committed.values()];
    const merged = new Map(this.#committed);
    applyChanges(merged, this.#changes);
    return [...merged.values()];
  }

  put(key: string, row: Row): void {
    this.#changes.set(key, row);
  }

  insertOnce(key: string, row: Row): Recorded {
    if (this.get(key) !== undefined) return 'repeated';
    this.#changes.set(key, row);
    return 'recorded';
  }

  delete(key: string): void {
    this.#changes.set(key, undefined);
  }

  apply(): void {
    applyChanges(this.#committed, this.#changes);
  }
}

function applyChanges<Row>(
  rows: Map<string, Row>,
  changes: ReadonlyMap<string, Row | undefined>,
): void {
  for (const [key, row] of changes) {
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
}
