import type { OrderState } from '../../../domain/order/index.js';
import type { FaultName } from '../faults/fault-names.js';

/** Cells of the coverage table that cannot be, and why. */
interface ImpossibleCells {
  readonly faults: readonly FaultName[];
  readonly states: readonly OrderState[];
  readonly why: string;
}

const OF_A_FRAME: readonly FaultName[] = [
  'mute_event',
  'duplicate_event',
  'reorder_event',
  'unreadable_event',
  'stream_drop',
  'silent_stream',
];
const OF_A_TRADE: readonly FaultName[] = ['trade_bust', 'trade_correct'];
const OF_A_SEND: readonly FaultName[] = ['reject_after_accept', 'stuck_order'];
const OF_A_CANCEL: readonly FaultName[] = ['stuck_cancel', 'cancel_rejected'];
const OF_A_REPLACEMENT: readonly FaultName[] = ['stuck_replace', 'replace_rejected'];

const NEVER_AT_BROKER: readonly OrderState[] = ['denied', 'abandoned'];
const ENDED_AT_BROKER: readonly OrderState[] = [
  'filled',
  'canceled',
  'expired',
  'replaced',
  'refused',
];

/** What the table of faults and states leaves out. A run that meets one of these fails. */
export const IMPOSSIBLE_CELLS: readonly ImpossibleCells[] = [
  {
    faults: [...OF_A_FRAME, ...OF_A_TRADE, ...OF_A_CANCEL, ...OF_A_REPLACEMENT, 'lookup_miss'],
    states: ['created', ...NEVER_AT_BROKER],
    why: 'The exchange has no such order: nothing was sent, or it is proven that none arrived.',
  },
  {
    faults: OF_A_SEND,
    states: ['created', ...NEVER_AT_BROKER, 'accepted', 'partially_filled', 'held'],
    why: 'The exchange takes an order when its send is in the books and they have no answer yet.',
  },
  {
    faults: OF_A_SEND,
    states: ['pending_cancel', 'pending_replace', ...ENDED_AT_BROKER],
    why: 'The exchange takes an id once: what comes again is refused, whatever else it might do.',
  },
  {
    faults: ['lookup_miss'],
    states: ENDED_AT_BROKER,
    why: 'A lookup misses where it can mislead: once the books have the end, it cannot.',
  },
  {
    faults: OF_A_REPLACEMENT,
    states: ['submitting', 'unknown', 'accepted', 'partially_filled', 'held', 'pending_cancel'],
    why: 'The books have an order pending before its replacement is sent, until one has ended.',
  },
  {
    faults: OF_A_CANCEL,
    states: ['submitting', 'unknown', 'pending_cancel', 'pending_replace'],
    why: 'Put on cancels of orders that work with nothing pending; others come to it by races.',
  },
  {
    faults: [...OF_A_CANCEL, ...OF_A_REPLACEMENT],
    states: ENDED_AT_BROKER,
    why: 'What has ended at the exchange takes neither: the request is refused, and nothing pends.',
  },
  {
    faults: OF_A_FRAME,
    states: ['canceled', 'expired', 'replaced', 'refused'],
    why: 'The exchange tells nothing more of such an order; it changes trades of others only.',
  },
  {
    faults: OF_A_TRADE,
    states: ['submitting', 'unknown', 'pending_cancel', 'pending_replace'],
    why: 'Put on trades of orders that work with nothing pending, or that have filled.',
  },
  {
    faults: OF_A_TRADE,
    states: ['canceled', 'expired', 'replaced', 'refused'],
    why: 'Put on trades of orders that work or have filled: few others have any.',
  },
];
