import { activityContexts } from './workflow-globals.js';
import { Context, type Info } from '@temporalio/activity';
import {
  ActivityCancellationDetails,
  CancelledFailure,
  type Logger,
  noopMetricMeter,
} from '@temporalio/common';
import { NAMESPACE } from '../../../workflows/contract/index.js';
import type { Owner } from '../time/event-heap.js';
import type { ActivityAttempt } from './activity-tasks.js';
import type { Job } from './jobs.js';
import { fromPayloads } from './payloads.js';
import { type Command, WorkflowInstance } from './workflow-instance.js';
import { decisionOf, type WorkflowRun } from './workflow-run.js';

type ActivityFunction = (...given: readonly unknown[]) => Promise<unknown>;

/** What a process takes from one task queue. */
export interface QueueOfWorker {
  readonly taskQueue: string;
  readonly runsWorkflows: boolean;
  readonly activities: object;
}

/** A workflow that decided otherwise on the same history. */
export class ReplayDiffers extends Error {
  override readonly name = 'ReplayDiffers';
}

/**
 * The Workers of one process: workflows in its memory, activities under way. All of it is gone with
 * the process.
 */
export class TaskWorker {
  readonly owner: Owner;
  readonly #queues: ReadonlyMap<string, QueueOfWorker>;
  readonly #instances = new Map<string, WorkflowInstance>();
  /** How often a workflow had to be built up again from its history. */
  replays = 0;

  constructor(owner: Owner, queues: readonly QueueOfWorker[]) {
    this.owner = owner;
    this.#queues = new Map(queues.map((queue) => [queue.taskQueue, queue]));
  }

  takesWorkflowsOf(taskQueue: string): boolean {
    return this.#queues.get(taskQueue)?.runsWorkflows === true;
  }

  takesActivitiesOf(taskQueue: string): boolean {
    return this.#queues.has(taskQueue);
  }

  /** Forgets a workflow: its next task replays it. */
  evict(runId: string): void {
    this.#instances.delete(runId);
  }

  /** Runs one workflow task, after a replay where the workflow is not in memory. */
  async decide(
    run: WorkflowRun,
    task: {
      readonly jobs: readonly Job[];
      readonly atMs: number;
      readonly isNewSuggested: boolean;
    },
  ): Promise<readonly Command[]> {
    const instance = this.#instances.get(run.runId) ?? (await this.#replay(run));
    this.#instances.set(run.runId, instance);
    const { historyLength } = run;
    return instance.activate({ ...task, historyLength, isReplaying: false });
  }

  /** Starts an activity in its own context, as the SDK does. */
  run(attempt: ActivityAttempt, beat: () => void): Promise<unknown> {
    const { activity } = attempt;
    const activities = this.#queues.get(activity.taskQueue)?.activities ?? {};
    const found: unknown = Reflect.get(activities, activity.activityType);
    if (typeof found !== 'function') {
      throw new Error(`expected ${activity.activityType} on ${activity.taskQueue}, found none`);
    }
    const act = found as ActivityFunction;
    const given = fromPayloads(activity.payloads);
    let context: Context | null = null;
    const contextOnce = (): Context => {
      context ??= contextOf(attempt, beat);
      return context;
    };
    return activityContexts.run(contextOnce, async () => act(...given));
  }

  async #replay(run: WorkflowRun): Promise<WorkflowInstance> {
    const instance = new WorkflowInstance(run);
    if (run.tasks.length > 0) this.replays += 1;
    for (const record of run.tasks) {
      const again = await instance.activate({
        ...record,
        jobs: run.replayJobs(record),
        isReplaying: true,
      });
      const [expected, found] = [record.commands.map(decisionOf), again.map(decisionOf)];
      if (expected.join('\n') !== found.join('\n')) {
        const told = `expected [${expected.join('; ')}], found [${found.join('; ')}]`;
        throw new ReplayDiffers(`I12: ${run.workflowId} replayed differently: ${told}`);
      }
    }
    return instance;
  }
}

function contextOf(attempt: ActivityAttempt, beat: () => void): Context {
  const canceled = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(new CancelledFailure('CANCELLED'));
    attempt.abort.signal.addEventListener('abort', stop, { once: true });
  });
  canceled.catch(() => undefined);
  return new Context(
    infoOf(attempt),
    canceled,
    attempt.abort.signal,
    beat,
    undefined,
    SILENT_LOGGER,
    noopMetricMeter,
    { details: new ActivityCancellationDetails({}) },
  );
}

function infoOf({ activity, number }: ActivityAttempt): Info {
  const { activityId, activityType, taskQueue, run } = activity;
  return {
    taskToken: new Uint8Array(),
    base64TaskToken: '',
    activityId,
    activityType,
    activityNamespace: NAMESPACE,
    namespace: NAMESPACE,
    attempt: number,
    isLocal: false,
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowNamespace: NAMESPACE,
    workflowType: run.workflowType,
    scheduledTimestampMs: 0,
    scheduleToCloseTimeoutMs: 0,
    startToCloseTimeoutMs: activity.startToCloseMs,
    currentAttemptScheduledTimestampMs: 0,
    heartbeatDetails: undefined,
    taskQueue,
    inWorkflow: true,
  };
}

const SILENT_LOGGER: Logger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
