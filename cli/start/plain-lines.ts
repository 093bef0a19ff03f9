import type { StartEvent } from '../../workers/start-options.js';
import { instantOf, newYorkClockText, newYorkText } from '../words.js';

export type MarketEvent = Extract<StartEvent, { readonly kind: 'market' }>;

type OrderEvent = Extract<StartEvent, { readonly kind: 'order' }>;

/**
 * The one line of an event for people and for logs; null for what is told otherwise. `marketAtMs`
 * is the market time that was shown last: events are stamped with it.
 */
export function plainLine(event: StartEvent, marketAtMs: number | null): string | null {
  const clock = clockText(marketAtMs);
  switch (event.kind) {
    case 'step':
      return `${event.name}: ${event.message}`;
    case 'ready':
      return event.state === 'halted'
        ? `up, but halted: account ${event.run.account}; see "npx ordinis status"`
        : `running: account ${event.run.account}, ${event.run.description}`;
    case 'market':
      return marketLine(event);
    case 'order':
      return `${clock}order ${event.clientOrderId}  ${becameText(event)}`;
    case 'alert':
      return `${clock}${event.severity}: ${event.title}: ${event.message}`;
    case 'session_ended':
      return `session of ${event.summary.marketDate} ended`;
    case 'note':
      return event.message;
  }
}

/**
 * The same line for the live view, which is cut at the width of the terminal: what became of an
 * order comes before its long name.
 */
export function liveLine(event: StartEvent, marketAtMs: number | null): string | null {
  if (event.kind !== 'order') return plainLine(event, marketAtMs);
  return `${clockText(marketAtMs)}${becameText(event)}  ${event.clientOrderId}`;
}

function clockText(marketAtMs: number | null): string {
  return marketAtMs === null ? '' : `${newYorkClockText(instantOf(marketAtMs))}  `;
}

function becameText({ summary, state, detail }: OrderEvent): string {
  return `${summary}: ${state}${detail === null ? '' : ` (${detail})`}`;
}

/** Where market time is: `market 2013-10-07 11:24:00, open, 30 % of the day`. */
export function marketLine(event: MarketEvent): string {
  const phase = event.phase.replaceAll('_', ' ');
  const at = newYorkText(instantOf(event.atMs));
  return `market ${at}, ${phase}, ${percentOf(event.progress)} % of the day`;
}

/** Whole percents, rounded down: 100 only at the end. */
export function percentOf(progress: number): number {
  // Rounded to thousandths first, since 0.29 * 100 is less than 29.
  return Math.floor(Math.round(progress * 1_000) / 10);
}

/** Whether a market event is worth a line: a new phase, a new day, or a tenth of the day. */
export function isWorthALine(event: MarketEvent, told: MarketEvent | null): boolean {
  return (
    told === null ||
    told.phase !== event.phase ||
    told.marketDate !== event.marketDate ||
    Math.floor(told.progress * 10) !== Math.floor(event.progress * 10)
  );
}
