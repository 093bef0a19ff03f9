import type { StartEvent } from '../../workers/start-options.js';

const ORDERS_KEPT = 200;

/**
 * Tells whether an order event says again what was said of that order last: books that change
 * without changing the state are no news for people. Remembers the orders that were told last.
 */
export function repeatFilter(): (event: StartEvent) => boolean {
  const told = new Map<string, string>();
  return (event) => {
    if (event.kind !== 'order') return false;
    const { clientOrderId } = event;
    const words = [event.state, event.summary, event.detail ?? ''].join('\n');
    if (told.get(clientOrderId) === words) return true;
    told.delete(clientOrderId);
    told.set(clientOrderId, words);
    const [oldest] = told.keys();
    if (told.size > ORDERS_KEPT && oldest !== undefined) told.delete(oldest);
    return false;
  };
}
