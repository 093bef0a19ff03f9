/** Every fault that the simulator can put, by the name that reports and `--faults` use. */
export const FAULT_NAMES = [
  'request_lost',
  'answer_lost',
  'slow_request',
  'slow_answer',
  'not_connected',
  'rate_limited',
  'server_error',
  'stale_read',
  'lookup_miss',
  'positions_lag',
  'mute_event',
  'duplicate_event',
  'reorder_event',
  'unreadable_event',
  'stream_drop',
  'silent_stream',
  'reject_after_accept',
  'stuck_cancel',
  'cancel_rejected',
  'stuck_replace',
  'replace_rejected',
  'stuck_order',
  'foreign_order',
  'books_busy',
  'commit_lost',
  'commit_then_error',
  'process_death',
  'crash_point',
  'activity_result_lost',
  'task_answer_lost',
  'workflow_evicted',
  'signal_delayed',
  'signal_repeated',
  'temporal_refuses',
  'temporal_answer_lost',
  'short_history',
  'clock_step',
  'trade_bust',
  'trade_correct',
  'zeroed_account',
  'stale_activities',
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];

/** Put only where they are asked for by name: the books do not promise to stand them yet. */
export const OFF_BY_DEFAULT: ReadonlySet<FaultName> = new Set<FaultName>([
  'foreign_order',
  'trade_bust',
  'trade_correct',
  'zeroed_account',
  'stale_activities',
]);

export function isFaultName(text: string): text is FaultName {
  return (FAULT_NAMES as readonly string[]).includes(text);
}
