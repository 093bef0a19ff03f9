/**
 * What the command line calls where the books are enough. Loading this loads the database driver,
 * and neither Temporal nor the broker's SDK: a look at the books must not wait for them.
 */
export { backUp, booksStanding, openReader, restoreBackup } from './books-access.js';
export { denyDirectly } from './deny-directly.js';
export { leaseHolder } from './take-lease.js';
export { unparkDirectly } from './unpark-directly.js';
