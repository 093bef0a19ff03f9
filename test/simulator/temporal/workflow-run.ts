import type { coresdk } from '@temporalio/proto';
import { type Job, patchJob } from './jobs.js';
import type { ProtoPayload } from './payloads.js';
import type { Command, ExecutionFacts } from './workflow-instance.js';

/** A workflow task that was completed: what was told, and what was decided on it. */
export interface TaskRecord {
  readonly jobs: readonly Job[];
  readonly atMs: number;
  readonly historyLength: number;
  readonly isNewSuggested: boolean;
  readonly commands: readonly Command[];
}

export type RunStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'terminated'
  | 'timed_out'
  | 'continued_as_new';

/** A workflow task that is under way. A new one makes what the old one says worthless. */
export interface StartedTask {
  readonly jobs: readonly Job[];
  /** Looks whether its worker has answered in time. */
  timeout: { cancel(): void } | null;
}

export type UpdateOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** One execution as the server keeps it. */
export class WorkflowRun implements ExecutionFacts {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly startedAtMs: number;
  status: RunStatus = 'running';
  result: ProtoPayload | null = null;
  failureMessage: string | null = null;
  /** Told, and not yet in a task. */
  pending: Job[] = [];
  taskState: 'none' | 'scheduled' | 'started' = 'none';
  task: StartedTask | null = null;
  taskFailures = 0;
  readonly tasks: TaskRecord[] = [];
  readonly patches = new Set<string>();
  readonly updates = new Map<string, (outcome: UpdateOutcome) => void>();
  readonly timers = new Map<number, { cancel(): void }>();
  historyLength = 2;

  constructor(facts: ExecutionFacts) {
    this.workflowId = facts.workflowId;
    this.runId = facts.runId;
    this.workflowType = facts.workflowType;
    this.taskQueue = facts.taskQueue;
    this.startedAtMs = facts.startedAtMs;
  }

  get isRunning(): boolean {
    return this.status === 'running';
  }

  /** The jobs of a recorded task as a replay gets them: with the patches that history holds. */
  replayJobs(record: TaskRecord): readonly Job[] {
    const isFirst = this.tasks[0] === record;
    return isFirst ? [...record.jobs, ...[...this.patches].map(patchJob)] : record.jobs;
  }
}

/** What a command decides, as text: two runs of one history must agree in every line. */
export function decisionOf(command: Command): string {
  const { scheduleActivity, startTimer, upsertWorkflowSearchAttributes } = command;
  if (scheduleActivity) {
    return `activity ${scheduleActivity.activityType} ${textOf(scheduleActivity.arguments)}`;
  }
  if (startTimer) return `timer ${startTimer.seq} ${JSON.stringify(startTimer.startToFireTimeout)}`;
  if (upsertWorkflowSearchAttributes) return `search attributes ${attributesOf(command)}`;
  return JSON.stringify(command);
}

function attributesOf({ upsertWorkflowSearchAttributes }: Command): string {
  const fields = upsertWorkflowSearchAttributes?.searchAttributes?.indexedFields ?? {};
  return Object.entries(fields)
    .map(([name, payload]) => `${name}=${textOf([payload])}`)
    .join(' ');
}

function textOf(payloads: readonly ProtoPayload[] | null | undefined): string {
  return (payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join(', ');
}

/** Whether a command ends the run. */
export function isLast(command: Command): boolean {
  return Boolean(
    command.completeWorkflowExecution ??
      command.failWorkflowExecution ??
      command.cancelWorkflowExecution ??
      command.continueAsNewWorkflowExecution,
  );
}

export type ContinueCommand = coresdk.workflow_commands.IContinueAsNewWorkflowExecution;
