/**
 * What the command line calls. Loading this loads Temporal, the database driver and the broker's
 * SDK.
 */
export { type BooksAccess, openReader } from './books-access.js';
export { cancelOrderDirectly } from './cancel-directly.js';
export { type DirectHalt, haltDirectly } from './halt-directly.js';
export { connectToRun, isNoWorkflow } from './run-client.js';
export type { ManualOrder, RunClient } from './run-port.js';
export { start } from './start.js';
export type {
  RunningOrdinis,
  ShutdownReport,
  StartEvent,
  StartOptions,
} from './start-options.js';
export { StartRefused } from './start-options.js';
