import type { EpochMs, Quantity } from '../values/index.js';
import type { FillInterval } from './fill.js';

/** What can happen to an order. `sent…` is ours, `reported…` is the broker's own word. */
export type OrderEvent =
  | {
      readonly kind: 'send_began';
      /** Wall time after which this attempt can no longer reach the wire. */
      readonly sendDeadlineAtMs: EpochMs;
    }
  /** Proven: this attempt never left the process. */
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'answer_unknown'; readonly lastPossibleSendAtMs: EpochMs }
  /** A request to give its place to another order is on its way, or may be. */
  | { readonly kind: 'replace_began' }
  /** Proven: what was to take its place never will. */
  | { readonly kind: 'replace_undone' }
  /** Our own rules said no, before the broker saw it. */
  | { readonly kind: 'denied'; readonly code: string; readonly message: string }
  /** The broker's answer to the request was no; the order never existed there. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly kind:
        | 'reported_accepted'
        | 'reported_held'
        | 'reported_pending_cancel'
        | 'reported_pending_replace'
        | 'reported_canceled'
        | 'reported_expired'
        | 'reported_replaced'
        | 'reported_rejected'
        | 'cancel_rejected'
        | 'replace_rejected'
        /** The broker works an order again that it had ended. */
        | 'reopened';
      readonly brokerOrderId: string;
    }
  | {
      readonly kind: 'filled';
      readonly brokerOrderId: string;
      readonly interval: FillInterval;
    }
  /** A fill that the books hold is taken back: it never was, or stands elsewhere. */
  | {
      readonly kind: 'fill_reversed';
      readonly brokerOrderId: string;
      readonly interval: FillInterval;
    }
  /** The broker orders less of an exit of a group when another fills, more when that is undone. */
  | {
      readonly kind: 'resized';
      readonly brokerOrderId: string;
      readonly quantity: Quantity;
    }
  | { readonly kind: 'abandoned'; readonly evidence: string };

export type OrderEventKind = OrderEvent['kind'];

/** The columns of the transition table: a fill counts as two, since it may be the last one. */
export const TRANSITION_EVENTS = [
  'send_began',
  'not_sent',
  'answer_unknown',
  'replace_began',
  'replace_undone',
  'denied',
  'refused',
  'reported_accepted',
  'reported_held',
  'reported_pending_cancel',
  'reported_pending_replace',
  'cancel_rejected',
  'replace_rejected',
  'filled_partly',
  'filled_completely',
  'fill_reversed',
  'reopened',
  'resized',
  'reported_canceled',
  'reported_expired',
  'reported_replaced',
  'reported_rejected',
  'abandoned',
] as const;

export type TransitionEvent = (typeof TRANSITION_EVENTS)[number];
