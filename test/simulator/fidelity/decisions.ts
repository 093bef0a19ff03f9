import type { temporal } from '@temporalio/proto';
import { millisecondsOf, type ProtoPayload } from '../temporal/payloads.js';
import type { Command } from '../temporal/workflow-instance.js';
import type { WorkflowRun } from '../temporal/workflow-run.js';
import { withoutUnsentTimers } from '../temporal/workflow-tasks.js';

/** What the workflow of a simulated run has decided, one line a command. */
export function decisionsOfRun(run: WorkflowRun): readonly string[] {
  return run.tasks.flatMap(({ commands }) => withoutUnsentTimers(commands).flatMap(ofCommand));
}

function ofCommand(command: Command): readonly string[] {
  const { scheduleActivity, startTimer, cancelTimer, updateResponse } = command;
  if (scheduleActivity) {
    const { activityType, taskQueue, arguments: given } = scheduleActivity;
    return [activityLine(activityType, taskQueue, given)];
  }
  if (startTimer) return [`timer ${millisecondsOf(startTimer.startToFireTimeout)}`];
  if (cancelTimer) return ['cancel timer'];
  const { upsertWorkflowSearchAttributes, completeWorkflowExecution } = command;
  if (upsertWorkflowSearchAttributes) {
    return [attributesLine(upsertWorkflowSearchAttributes.searchAttributes)];
  }
  if (completeWorkflowExecution) return [`completed ${textOf([completeWorkflowExecution.result])}`];
  if (updateResponse?.accepted) return ['update accepted'];
  if (updateResponse?.completed) return [`update completed ${textOf([updateResponse.completed])}`];
  // A rejection leaves nothing in a history.
  return updateResponse?.rejected ? [] : [JSON.stringify(command)];
}

/** What a recorded history says that its workflow has decided, in the same words. */
export function decisionsOfHistory(history: temporal.api.history.v1.IHistory): readonly string[] {
  return (history.events ?? []).flatMap(ofEvent);
}

function ofEvent(event: temporal.api.history.v1.IHistoryEvent): readonly string[] {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const { activityType, taskQueue, input } = scheduled;
    return [activityLine(activityType?.name, taskQueue?.name, input?.payloads)];
  }
  const timer = event.timerStartedEventAttributes;
  if (timer) return [`timer ${millisecondsOf(timer.startToFireTimeout)}`];
  if (event.timerCanceledEventAttributes) return ['cancel timer'];
  const upserted = event.upsertWorkflowSearchAttributesEventAttributes;
  if (upserted) return [attributesLine(upserted.searchAttributes)];
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return ['update accepted'];
  const updated = event.workflowExecutionUpdateCompletedEventAttributes;
  if (updated) return [`update completed ${textOf(updated.outcome?.success?.payloads)}`];
  const completed = event.workflowExecutionCompletedEventAttributes;
  return completed ? [`completed ${textOf(completed.result?.payloads)}`] : [];
}

type Payloads = readonly (ProtoPayload | null | undefined)[] | null | undefined;

function activityLine(
  type: string | null | undefined,
  taskQueue: string | null | undefined,
  given: Payloads,
): string {
  return `activity ${type ?? ''} on ${taskQueue ?? ''} ${textOf(given)}`;
}

function attributesLine(
  attributes: temporal.api.common.v1.ISearchAttributes | null | undefined,
): string {
  const fields = Object.entries(attributes?.indexedFields ?? {}).map(
    ([name, payload]) => `${name}=${textOf([payload])}`,
  );
  return `search attributes ${fields.toSorted().join(' ')}`;
}

function textOf(payloads: Payloads): string {
  return (payloads ?? []).map((one) => Buffer.from(one?.data ?? []).toString()).join(', ');
}
