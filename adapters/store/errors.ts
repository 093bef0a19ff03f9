/** The write lock was not had within the caller's time. Nothing was written; try again. */
export class BooksBusy extends Error {
  override readonly name = 'BooksBusy';
}

/**
 * The commit was asked for and its answer is missing. Read again by natural key before doing
 * anything.
 */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** The database is missing, damaged, or not of this version. Nothing trades on such books. */
export class BooksUnusable extends Error {
  override readonly name = 'BooksUnusable';
}
