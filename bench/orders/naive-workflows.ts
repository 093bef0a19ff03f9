/**
 * The bundle of the bench: the order workflow itself, which `naive-interceptors` changes in one
 * place, and a workflow that does nothing.
 */
export { order } from '../../workflows/order.workflow.js';

/** Only starts and completes: what Temporal costs by itself. */
export async function empty(): Promise<string> {
  return 'done';
}
