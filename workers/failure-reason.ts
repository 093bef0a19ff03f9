import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';

/** Why, in the words of what failed: a workflow's own failure says only that it did. */
export function reasonOf(error: unknown): string {
  const isWrapped = error instanceof WorkflowFailedError || error instanceof ActivityFailure;
  if (isWrapped && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
