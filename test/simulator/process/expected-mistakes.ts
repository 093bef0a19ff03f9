import { ServiceError } from '@temporalio/client';
import { TemporalFailure } from '@temporalio/common';
import { ProcessDied } from '../time/process-died.js';

/** What a stream attempt that has been replaced is refused with, and what it is stopped with. */
const REPLACED = /stream epoch \d+ was superseded|a newer attempt took over/;

/**
 * Whether an error of an activity is a failure of the world (Temporal's own client among it), or of
 * a process that is no more. Anything else is a mistake of ours.
 */
export function isExpectedMistake(error: unknown): boolean {
  if (error instanceof TemporalFailure || error instanceof ProcessDied) return true;
  return error instanceof ServiceError || (error instanceof Error && REPLACED.test(error.message));
}
