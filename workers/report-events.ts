import type { World } from '../activities/world.js';
import { parseMarketDate, tradingDay } from '../domain/market/index.js';
import { assert } from '../domain/values/index.js';
import type { OrderView } from '../workflows/contract/index.js';
import { summaryOf } from './order-summary.js';
import type { StartEvent } from './start-options.js';

const LOOK_MS = 250;
const ALERTS_MAX = 50;

/**
 * Tells the live view what happens: orders as the books change, alerts, market time. Returns how to
 * stop.
 */
export function reportEvents(world: World, onEvent: (event: StartEvent) => void): () => void {
  const shown = new Map<string, number>();
  const unsubscribe = world.notices.subscribe((view) => {
    if ((shown.get(view.clientOrderId) ?? 0) >= view.version) return;
    shown.set(view.clientOrderId, view.version);
    tellOrder(world, view).then(onEvent, (error: unknown) =>
      world.log.warn({ error: String(error) }, 'an order event was not shown'),
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
      const isOfThisRun = alert.recordedAtWallMs >= world.startedAtWallMs;
      if (!isOfThisRun || seen.has(alert.alertId)) continue;
      seen.add(alert.alertId);
      const { severity, title, message } = alert;
      world.log.info({ alertId: alert.alertId, severity, message }, title);
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

async function tellOrder(world: World, view: OrderView): Promise<StartEvent> {
  const row = await world.reader.orders.byClientOrderId(view.clientOrderId);
  assert(row !== null, `expected order ${view.clientOrderId} in the books`);
  const { correlationId } = row;
  const { clientOrderId, state, filledQuantity, detail } = view;
  world.log.info({ correlationId, clientOrderId, state, filledQuantity, detail }, 'order changed');
  return {
    kind: 'order',
    clientOrderId: view.clientOrderId,
    state: view.state,
    summary: summaryOf(row.order.intent),
    detail: view.detail ?? view.averagePrice,
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
