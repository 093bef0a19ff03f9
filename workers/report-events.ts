import type { World } from '../activities/world.js';
import { parseMarketDate, tradingDay } from '../domain/market/index.js';
import type { StartEvent } from './start-options.js';
import { summaryOf } from './temporal-drivers.js';

const LOOK_MS = 250;
const ALERTS_MAX = 50;

/**
 * Tells the live view what happens: orders as the books change, alerts, market time. Returns how to
 * stop.
 */
export function reportEvents(world: World, onEvent: (event: StartEvent) => void): () => void {
  const unsubscribe = world.notices.subscribe((view) => {
    void world.reader.orders.byClientOrderId(view.clientOrderId).then(
      (row) => {
        if (row === null) return;
        onEvent({
          kind: 'order',
          clientOrderId: view.clientOrderId,
          state: view.state,
          summary: summaryOf(row.order.intent),
          detail: view.detail ?? view.averagePrice,
        });
      },
      world.log.warn.bind(world.log, {}, 'an order event was not shown') as () => void,
    );
  });
  const seen = new Set<string>();
  let lastMarketMs = 0;
  const look = async (): Promise<void> => {
    const atMs = world.marketClock.nowMs();
    if (atMs !== lastMarketMs) {
      lastMarketMs = atMs;
      onEvent(marketEvent(await world.pace.current()));
    }
    for (const alert of (await world.reader.alerts.recent(ALERTS_MAX)).toReversed()) {
      if (seen.has(alert.alertId)) continue;
      seen.add(alert.alertId);
      const { severity, title, message } = alert;
      if (severity !== 'info') onEvent({ kind: 'alert', severity, title, message });
    }
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) => world.log.warn({ error: String(error) }, 'live view waits'))
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_MS);
  return () => {
    unsubscribe();
    clearInterval(timer);
  };
}

function marketEvent(step: Awaited<ReturnType<World['pace']['current']>>): StartEvent {
  const date = parseMarketDate(step.marketDate);
  const day = date === null ? null : tradingDay(date);
  const share = day === null ? 0 : (step.atMs - day.openAtMs) / (day.closeAtMs - day.openAtMs);
  const progress = Math.max(0, Math.min(1, share));
  const { marketDate, atMs, phase } = step;
  return { kind: 'market', marketDate, atMs, phase, progress };
}
