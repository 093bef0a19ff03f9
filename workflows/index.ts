/**
 * The bundle: every workflow under the name that clients and schedules start it by. Keep what it
 * imports lean.
 */
export { backup } from './backup.workflow.js';
export { killSwitch } from './kill-switch.workflow.js';
export { order } from './order.workflow.js';
export { reconciliation } from './reconciliation.workflow.js';
export { session } from './session.workflow.js';
export { shutdown } from './shutdown.workflow.js';
export { startup } from './startup.workflow.js';
export { tradeUpdates } from './trade-updates.workflow.js';
export { turn } from './turn.workflow.js';
