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
  const committed = new Map<string, Row>();
  return {
    get: (key) => committed.get(key),
    all: () => [...committed.values()],
    stage: () => stageTable(committed),
  };
}

function stageTable<Row>(committed: Map<string, Row>): StagedTable<Row> {
  /** Undefined: deleted here. */
  const changes = new Map<string, Row | undefined>();
  const get = (key: string): Row | undefined =>
    changes.has(key) ? changes.get(key) : committed.get(key);
  return {
    get,
    all: () => {
      const merged = new Map(committed);
      applyChanges(merged, changes);
      return [...merged.values()];
    },
    put: (key, row) => {
      changes.set(key, row);
    },
    insertOnce: (key, row) => {
      if (get(key) !== undefined) return 'repeated';
      changes.set(key, row);
      return 'recorded';
    },
    delete: (key) => {
      changes.set(key, undefined);
    },
    apply: () => applyChanges(committed, changes),
  };
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
