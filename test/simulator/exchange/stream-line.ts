import type { TradeUpdateListener, TradeUpdateStream } from '../../../adapters/broker/port.js';
import type { OrderEvent } from '../../../exchange/matching/index.js';
import type { FaultName } from '../faults/fault-names.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Chance } from '../time/chance.js';
import type { Owner } from '../time/event-heap.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { tradeUpdateOf } from './shown-orders.js';
import type { SimulatedExchange } from './simulated-exchange.js';

interface Line {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly exchange: SimulatedExchange;
  readonly owner: Owner;
  readonly stateOf: (clientOrderId: string) => string;
}

const SILENCE_MS = 20_000;
const DELAY_MS_MAX = 60;
const APART_MS = 0.001;
/** Frames about orders in these states are few: more happens to each. */
const RARITIES: Readonly<Record<string, number>> = {
  unknown: 60,
  partially_filled: 3,
  held: 3,
  pending_cancel: 12,
  pending_replace: 6,
  filled: 4,
};

/**
 * One connection of a process to the trade updates stream: frames come in order, a little later;
 * with faults some are missing, twice, late or broken, and the connection ends or falls silent.
 */
export function openStreamLine(line: Line, listener: TradeUpdateListener): TradeUpdateStream {
  const { time, chance, faults, exchange, owner } = line;
  let isOpen = true;
  let isSilent = false;
  let freeAtMs = time.nowMs;
  const close = (reason: string): void => {
    if (!isOpen) return;
    isOpen = false;
    unlisten();
    time.after(1, { owner, label: `stream closed: ${reason}` }, () => listener.onClosed(reason));
  };
  const deliver = (event: OrderEvent, delayMs: number): void => {
    time.after(delayMs, { owner, label: `frame ${event.type} ${event.eventId.slice(-4)}` }, () => {
      if (isOpen && !isSilent) listener.onUpdate(tradeUpdateOf(event));
    });
  };
  const onEvent = (event: OrderEvent): void => {
    const state = line.stateOf(event.order.clientOrderId);
    const rarity = RARITIES[state] ?? 1;
    const hits = (fault: FaultName, weight: number): boolean =>
      faults.hits(fault, { state, weight: weight * rarity });
    if (!isOpen || isSilent || hits('mute_event', 2)) return;
    if (hits('stream_drop', 1)) return close('dropped');
    if (hits('silent_stream', 1)) {
      isSilent = true;
      time.after(SILENCE_MS, { owner, label: '' }, () => close('silent for too long'));
      return;
    }
    if (hits('unreadable_event', 1)) {
      time.after(5, { owner, label: 'unreadable frame' }, () => {
        if (isOpen) listener.onUnreadable(`{"event":"${event.type}"`, 'not JSON');
      });
      return;
    }
    // Never two at one instant: frames of one connection do not overtake one another.
    freeAtMs = Math.max(freeAtMs + APART_MS, time.nowMs + chance.between(1, DELAY_MS_MAX));
    const orderedMs = freeAtMs - time.nowMs;
    const isLate = hits('reorder_event', 2);
    deliver(
      event,
      isLate ? orderedMs + faults.chanceOf('reorder_event').between(50, 5_000) : orderedMs,
    );
    if (hits('duplicate_event', 2)) {
      deliver(event, orderedMs + faults.chanceOf('duplicate_event').between(0, 3_000));
    }
  };
  const unlisten = exchange.listen((event) => {
    if (!owner.isAlive) unlisten();
    else onEvent(event);
  });
  return {
    close: async () => {
      isOpen = false;
      unlisten();
    },
  };
}
