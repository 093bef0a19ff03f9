// Work on a database file that would stand the trading process still, done in a process of its own.
// Plain JavaScript, so that it runs from the sources and from dist/ alike.
// Arguments: check FILE | backup FILE TARGET. Answers with one line of JSON.
import { closeSync, constants, fsyncSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

const LOCK_WAIT_MS = 5_000;
const PAGES_MAX = 0x7fffffff;

/**
 * @typedef {{ readonly ok: true } | { readonly ok: false, readonly message: string }} Answer
 */

/** @returns {Answer} */
function check(file) {
  const database = new Sqlite(file, { timeout: LOCK_WAIT_MS, fileMustExist: true });
  try {
    return verdict(database, 'quick_check');
  } finally {
    database.close();
  }
}

/**
 * Copies while others go on writing, and answers only for a copy that was read back whole and holds
 * the books of Ordinis: a sound copy of something else is no backup.
 */
async function backup(file, target) {
  closeSync(openSync(target, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600));
  const source = new Sqlite(file, { timeout: LOCK_WAIT_MS, fileMustExist: true });
  try {
    // All pages in one step: between two steps a write of anybody would start the copy over again.
    await source.backup(target, { progress: () => PAGES_MAX });
  } finally {
    source.close();
  }
  const copy = new Sqlite(target, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = DELETE'); // One file that needs no others beside it.
    const found = verdict(copy, 'integrity_check');
    if (!found.ok) return found;
    if (!holdsBooks(copy)) return { ok: false, message: 'no books of Ordinis are in it' };
  } finally {
    copy.close();
  }
  sync(target);
  return { ok: true };
}

/** @returns {Answer} */
function verdict(database, pragma) {
  const [line] = database.pragma(pragma, { simple: false });
  const said = String(Object.values(line)[0]);
  if (said !== 'ok') {
    return { ok: false, message: said.replaceAll('\n', ' ') };
  }
  const orphans = database.pragma('foreign_key_check').length;
  return orphans === 0
    ? { ok: true }
    : { ok: false, message: `${orphans} rows refer to rows that are not there` };
}

function holdsBooks(database) {
  const hasTable = database
    .prepare(`SELECT count(*) FROM "sqlite_master" WHERE "name" = 'schema_migrations'`)
    .pluck()
    .get();
  return (
    hasTable > 0 && database.prepare('SELECT count(*) FROM "schema_migrations"').pluck().get() > 0
  );
}

function sync(file) {
  const descriptor = openSync(file, constants.O_RDWR);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function answer([task, file, target]) {
  try {
    return task === 'backup' ? await backup(file, target) : check(file);
  } catch (error) {
    if (error instanceof Sqlite.SqliteError || error?.code !== undefined) {
      return { ok: false, message: error.message };
    }
    throw error;
  }
}

process.stdout.write(`${JSON.stringify(await answer(process.argv.slice(2)))}\n`);
