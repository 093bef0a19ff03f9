/** Why recorded market data was refused. Stable codes. */
export type RowFaultCode =
  | 'wrong_header'
  | 'wrong_column_count'
  | 'bad_instant'
  | 'bad_price'
  | 'bad_quantity'
  | 'bad_flag'
  | 'half_empty_side'
  | 'prices_out_of_order'
  | 'time_not_rising';

/** One refused row. The line counts from 1, the header included, as an editor shows it. */
export interface RowFault {
  readonly code: RowFaultCode;
  readonly line: number;
  /** What was expected and what was found, in one line for people. */
  readonly message: string;
}

/** All rows of a file, or the first fault: half a file is never traded on. */
export type RowsResult<Row> =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly fault: RowFault };

/** Refuses the row that is being read. Thrown by row readers, caught by `readCsvRows` only. */
export class RowRefusal extends Error {
  override readonly name = 'RowRefusal';

  constructor(
    readonly code: RowFaultCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads comma-separated text without quoting: a header that must match exactly, then one row a
 * line. LF or CRLF; empty lines at the end are no rows.
 */
export function readCsvRows<Row>(
  text: string,
  header: string,
  readRow: (fields: readonly string[]) => Row,
): RowsResult<Row> {
  const lines = text.trimEnd().split(/\r?\n/);
  const found = lines[0] ?? '';
  if (found !== header) {
    const message = `expected the header ${header}, found ${JSON.stringify(found.slice(0, 80))}`;
    return { ok: false, fault: { code: 'wrong_header', line: 1, message } };
  }
  const columnCount = header.split(',').length;
  const rows: Row[] = [];
  for (const [index, line] of lines.slice(1).entries()) {
    try {
      rows.push(readRow(splitLine(line, columnCount)));
    } catch (error) {
      if (!(error instanceof RowRefusal)) throw error;
      const fault = { code: error.code, line: index + 2, message: error.message };
      return { ok: false, fault };
    }
  }
  return { ok: true, rows };
}

function splitLine(line: string, columnCount: number): readonly string[] {
  const fields = line.split(',');
  if (fields.length !== columnCount) {
    const message = `expected ${columnCount} columns, found ${fields.length}`;
    throw new RowRefusal('wrong_column_count', message);
  }
  return fields;
}
