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
  /** Made when it is asked for, and good until the next change. */
  #all: readonly Row[] | null = null;

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  all(): readonly Row[] {
    this.#all ??= [...this.#rows.values()];
    return this.#all;
  }

  stage(): StagedTable<Row> {
    return new TableOfTransaction(this);
  }

  apply(changes: Changes<Row>): void {
    if (changes.size === 0) return;
    applyChanges(this.#rows, changes);
    this.#all = null;
  }

  /** All rows as they would be with the changes. */
  with(changes: Changes<Row>): readonly Row[] {
    const merged = new Map(this.#rows);
    applyChanges(merged, changes);
    return [...merged.values()];
  }
}

class TableOfTransaction<Row> implements StagedTable<Row> {
  readonly #committed: CommittedTable<Row>;
  readonly #changes = new Map<string, Row | undefined>();

  constructor(committed: CommittedTable<Row>) {
    this.#committed = committed;
  }

  get(key: string): Row | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#committed.get(key);
  }

  all(): readonly Row[] {
    return this.#changes.size === 0 ? this.#committed.all() : this.#committed.with(this.#changes);
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
    this.#committed.apply(this.#changes);
  }
}

/** Undefined: deleted. */
type Changes<Row> = ReadonlyMap<string, Row | undefined>;

function applyChanges<Row>(rows: Map<string, Row>, changes: Changes<Row>): void {
  for (const [key, row] of changes) {
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
}
