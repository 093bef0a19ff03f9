import { AssertionError } from '../../../domain/values/index.js';
import { BooksBusy, BooksUnusable } from '../errors.js';

/**
 * What the SQLite driver said, dug out of Prisma's error: its code, such as SQLITE_BUSY, and its
 * words.
 */
export interface DriverFailure {
  readonly code: string;
  readonly message: string;
}

/**
 * The driver's own failure behind an error of Prisma or of its adapter, or null: it was something
 * else.
 */
export function driverFailureOf(error: unknown): DriverFailure | null {
  const payload = property(error, 'cause') ?? cause(property(error, 'meta'));
  const code = property(payload, 'originalCode');
  const message = property(payload, 'originalMessage');
  return typeof code === 'string' && typeof message === 'string' ? { code, message } : null;
}

/** Whether another connection holds the lock that was wanted. */
export function isBusy(failure: DriverFailure | null): boolean {
  return failure !== null && failure.code.startsWith('SQLITE_BUSY');
}

/**
 * Whether nothing more may be written on this connection: the file or the disk cannot be trusted.
 */
export function isFatal(failure: DriverFailure | null): boolean {
  return failure !== null && /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN)/.test(failure.code);
}

/** The store's own error for a failure of the driver; what it does not know stays as it is. */
export function storeError(error: unknown): unknown {
  const failure = driverFailureOf(error);
  if (failure === null) return error;
  const { code, message } = failure;
  const options = { cause: error };
  if (isBusy(failure)) {
    return new BooksBusy(`expected the lock of the books, found it taken: ${message}`, options);
  }
  if (code === 'SQLITE_FULL') {
    const advice = 'free some space and try again';
    return new BooksUnusable(
      `expected room for the books, found the disk full: ${advice}`,
      options,
    );
  }
  if (isFatal(failure)) {
    const advice = 'stop, check the disk, and restore a backup if the check fails';
    return new BooksUnusable(
      `expected sound books, found ${code} (${message}): ${advice}`,
      options,
    );
  }
  if (code === 'SQLITE_READONLY' || code.startsWith('SQLITE_READONLY_')) {
    const advice = 'make the data folder writable';
    return new BooksUnusable(`expected writable books, found them read-only: ${advice}`, options);
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new AssertionError(`the books refused a row: ${message}`, options);
  }
  return error;
}

function cause(meta: unknown): unknown {
  return property(property(meta, 'driverAdapterError'), 'cause');
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
