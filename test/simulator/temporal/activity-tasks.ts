import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import type { EventHandle, VirtualTime } from '../time/virtual-time.js';
import { canceledActivityJob, completedActivityJob, failedActivityJob, type Job } from './jobs.js';
import {
  activityFailure,
  canceledFailure,
  failureOf,
  millisecondsOf,
  type ProtoFailure,
  type ProtoPayload,
  timeoutFailure,
  type TimeoutKind,
  toPayload,
} from './payloads.js';
import type { ServerWeather } from './server-weather.js';
import type { TaskWorker } from './task-worker.js';
import type { WorkflowRun } from './workflow-run.js';

interface RetryPolicy {
  readonly initialMs: number;
  readonly coefficient: number;
  readonly intervalMaxMs: number;
  /** 0: as often as it takes. */
  readonly attemptsMax: number;
  readonly nonRetryable: readonly string[];
}

/** An activity that a workflow waits for. */
export interface PendingActivity {
  readonly run: WorkflowRun;
  readonly seq: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly taskQueue: string;
  readonly payloads: readonly ProtoPayload[];
  readonly startToCloseMs: number;
  readonly heartbeatMs: number | null;
  readonly waitsForCancel: boolean;
  readonly retry: RetryPolicy;
  attempts: number;
  current: ActivityAttempt | null;
  isCancelRequested: boolean;
}

/** One try of an activity. It may go on after the server has given it up. */
export class ActivityAttempt {
  readonly activity: PendingActivity;
  readonly number: number;
  readonly startedAtMs: number;
  beatAtMs: number;
  /** Looks when its time-outs may be over. */
  watch: EventHandle | null = null;
  #abort: AbortController | null = null;

  constructor(activity: PendingActivity, nowMs: number) {
    this.activity = activity;
    this.number = activity.attempts;
    this.startedAtMs = nowMs;
    this.beatAtMs = nowMs;
  }

  /** Few are ever asked whether they were aborted. */
  get abort(): AbortController {
    this.#abort ??= new AbortController();
    return this.#abort;
  }
}

interface Surroundings {
  readonly time: VirtualTime;
  readonly weather: ServerWeather;
  readonly workerOf: (taskQueue: string) => TaskWorker | null;
  readonly tell: (run: WorkflowRun, job: Job) => void;
  /** An attempt threw: whoever looks on decides whether it may. */
  readonly noteError: (activityType: string, error: unknown) => void;
}

const HEARTBEAT_SHARE = 0.8;
const CANCEL_REQUESTED_EVENTS = 1;
/** `WAIT_CANCELLATION_COMPLETED` of the protocol. */
const WAIT_CANCELLATION_COMPLETED = 1;

/**
 * The server's side of activities: time-outs, retries, cancellation. It knows of a worker only what
 * the worker tells, and takes an answer only from the attempt that it has not given up.
 */
export class ActivityTasks {
  readonly #around: Surroundings;
  readonly #activities = new Map<string, PendingActivity>();
  readonly #waiting = new Set<PendingActivity>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  schedule(run: WorkflowRun, command: coresdk.workflow_commands.IScheduleActivity): void {
    const activity = activityOf(run, command);
    this.#activities.set(keyOf(run, activity.seq), activity);
    run.historyLength += 3;
    this.#dispatchAfter(activity, this.#around.weather.dispatchMs());
  }

  /** A workflow asks to cancel: with or without waiting for the activity to say so. */
  requestCancel(run: WorkflowRun, seq: number): void {
    const activity = this.#activities.get(keyOf(run, seq));
    if (activity === undefined) return;
    activity.isCancelRequested = true;
    run.historyLength += CANCEL_REQUESTED_EVENTS;
    if (activity.waitsForCancel && activity.current !== null) return;
    this.#end(activity, canceledActivityJob(seq, this.#wrap(activity, canceledFailure())));
  }

  /** The run is over: whoever still works for it learns so from its next heartbeat. */
  abandonAll(run: WorkflowRun): void {
    for (const [key, activity] of this.#activities) {
      if (activity.run !== run) continue;
      leave(activity);
      this.#activities.delete(key);
      this.#waiting.delete(activity);
    }
  }

  /** A worker has come: what waited for one is handed over. */
  workerCame(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const activity of waiting) this.#dispatchAfter(activity, 1);
  }

  countOf(run: WorkflowRun): number {
    return [...this.#activities.values()].filter((activity) => activity.run === run).length;
  }

  #dispatchAfter(activity: PendingActivity, delayMs: number): void {
    this.#around.time.after(delayMs, { owner: null, label: '' }, () => this.#dispatch(activity));
  }

  #dispatch(activity: PendingActivity): void {
    if (this.#activities.get(keyOf(activity.run, activity.seq)) !== activity) return;
    const worker = this.#around.workerOf(activity.taskQueue);
    if (worker === null) {
      this.#waiting.add(activity);
      return;
    }
    const { time } = this.#around;
    activity.attempts += 1;
    const attempt = new ActivityAttempt(activity, time.nowMs);
    activity.current = attempt;
    this.#watch(attempt);
    time.note(`activity ${nameOf(attempt)} starts`);
    time.handOver(worker.owner);
    this.#start(worker, attempt);
  }

  #start(worker: TaskWorker, attempt: ActivityAttempt): void {
    const heart = this.#heartOf(worker, attempt);
    const running = worker.run(attempt, () => heart.beat());
    running.then(
      (value: unknown) => this.#report(worker, attempt, heart, { value }),
      (error: unknown) => this.#report(worker, attempt, heart, { error }),
    );
  }

  /** Heartbeats as the SDK sends them: at most one in four fifths of the time-out. */
  #heartOf(worker: TaskWorker, attempt: ActivityAttempt): { beat(): void; stop(): void } {
    const { time } = this.#around;
    const everyMs = (attempt.activity.heartbeatMs ?? 60_000) * HEARTBEAT_SHARE;
    let sentAtMs = Number.NEGATIVE_INFINITY;
    let held: EventHandle | null = null;
    const send = (): void => {
      held = null;
      sentAtMs = time.nowMs;
      time.after(1, { owner: null, label: '' }, () => this.#heard(worker, attempt));
    };
    return {
      stop: () => held?.cancel(),
      beat: () => {
        if (held !== null) return;
        const waitMs = Math.max(0, sentAtMs + everyMs - time.nowMs);
        held = time.after(waitMs, { owner: worker.owner, label: '' }, send);
      },
    };
  }

  #heard(worker: TaskWorker, attempt: ActivityAttempt): void {
    const isCurrent = attempt.activity.current === attempt;
    if (isCurrent) attempt.beatAtMs = this.#around.time.nowMs;
    if (isCurrent && !attempt.activity.isCancelRequested) return;
    const label = `activity ${nameOf(attempt)} is told to stop`;
    this.#around.time.after(1, { owner: worker.owner, label }, () => {
      attempt.abort.abort(new CancelledFailure(isCurrent ? 'CANCELLED' : 'NOT_FOUND'));
    });
  }

  #report(
    worker: TaskWorker,
    attempt: ActivityAttempt,
    heart: { stop(): void },
    outcome: { readonly value: unknown } | { readonly error: unknown },
  ): void {
    heart.stop();
    if (!worker.owner.isAlive) return;
    const { time, weather } = this.#around;
    if ('error' in outcome) this.#around.noteError(attempt.activity.activityType, outcome.error);
    if (weather.losesActivityResult()) {
      time.note(`activity ${nameOf(attempt)}: the result is lost`);
      return;
    }
    const what = 'value' in outcome ? 'done' : `failed: ${messageOf(outcome.error)}`;
    const label = `activity ${nameOf(attempt)} ${what}`;
    time.after(weather.reportMs(), { owner: worker.owner, label }, () => {
      if (attempt.activity.current !== attempt) return;
      if ('value' in outcome) this.#complete(attempt.activity, outcome.value);
      else this.#fail(attempt.activity, outcome.error);
    });
  }

  #complete(activity: PendingActivity, value: unknown): void {
    this.#end(activity, completedActivityJob(activity.seq, toPayload(value)));
  }

  #fail(activity: PendingActivity, error: unknown): void {
    if (activity.isCancelRequested) {
      const failure = this.#wrap(activity, canceledFailure());
      this.#end(activity, canceledActivityJob(activity.seq, failure));
      return;
    }
    this.#retryOrEnd(activity, () => failureOf(error), error);
  }

  /** Looks when time-outs may be over; a heartbeat moves the look. */
  #watch(attempt: ActivityAttempt): void {
    const { activity } = attempt;
    const closeAtMs = attempt.startedAtMs + activity.startToCloseMs;
    const { heartbeatMs } = activity;
    const silentAtMs = heartbeatMs === null ? closeAtMs : attempt.beatAtMs + heartbeatMs;
    const { time } = this.#around;
    const lookAtMs = Math.min(closeAtMs, silentAtMs);
    attempt.watch = time.after(lookAtMs - time.nowMs, { owner: null, label: '' }, () => {
      if (activity.current !== attempt) return;
      if (time.nowMs >= closeAtMs) this.#timeOut(attempt, 'start_to_close');
      else if (heartbeatMs !== null && time.nowMs >= attempt.beatAtMs + heartbeatMs) {
        this.#timeOut(attempt, 'heartbeat');
      } else this.#watch(attempt);
    });
  }

  #timeOut(attempt: ActivityAttempt, kind: TimeoutKind): void {
    this.#around.time.note(`activity ${nameOf(attempt)}: ${kind} time-out`);
    this.#retryOrEnd(attempt.activity, () => timeoutFailure(kind), null);
  }

  #retryOrEnd(activity: PendingActivity, failure: () => ProtoFailure, error: unknown): void {
    leave(activity);
    const { retry, attempts, seq } = activity;
    const isSpent = retry.attemptsMax > 0 && attempts >= retry.attemptsMax;
    if (isSpent || !isRetryable(error, retry)) {
      this.#end(activity, failedActivityJob(seq, this.#wrap(activity, failure())));
      return;
    }
    const asked = error instanceof ApplicationFailure ? error.nextRetryDelay : undefined;
    const ownMs = Math.min(
      retry.initialMs * retry.coefficient ** (attempts - 1),
      retry.intervalMaxMs,
    );
    this.#dispatchAfter(activity, typeof asked === 'number' ? asked : ownMs);
  }

  #end(activity: PendingActivity, job: Job): void {
    leave(activity);
    this.#activities.delete(keyOf(activity.run, activity.seq));
    this.#waiting.delete(activity);
    this.#around.tell(activity.run, job);
  }

  #wrap(activity: PendingActivity, cause: ProtoFailure): ProtoFailure {
    return activityFailure(activity, cause);
  }
}

/** Whatever its attempt tells from here on, nobody listens. */
function leave(activity: PendingActivity): void {
  activity.current?.watch?.cancel();
  activity.current = null;
}

function isRetryable(error: unknown, { nonRetryable }: RetryPolicy): boolean {
  if (!(error instanceof ApplicationFailure)) return true;
  return error.nonRetryable !== true && !nonRetryable.includes(error.type ?? '');
}

function keyOf(run: WorkflowRun, seq: number): string {
  return `${run.runId}/${seq}`;
}

function nameOf({ activity, number }: ActivityAttempt): string {
  return `${activity.run.workflowId}/${activity.activityId} ${activity.activityType} #${number}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function activityOf(
  run: WorkflowRun,
  command: coresdk.workflow_commands.IScheduleActivity,
): PendingActivity {
  const { retryPolicy } = command;
  const initialMs = millisecondsOf(retryPolicy?.initialInterval) ?? 1_000;
  return {
    run,
    seq: command.seq ?? 0,
    activityId: command.activityId ?? '',
    activityType: command.activityType ?? '',
    taskQueue: command.taskQueue ?? run.taskQueue,
    payloads: command.arguments ?? [],
    startToCloseMs: millisecondsOf(command.startToCloseTimeout) ?? Number.POSITIVE_INFINITY,
    heartbeatMs: millisecondsOf(command.heartbeatTimeout),
    waitsForCancel: command.cancellationType === WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialMs,
      coefficient: retryPolicy?.backoffCoefficient ?? 2,
      intervalMaxMs: millisecondsOf(retryPolicy?.maximumInterval) ?? initialMs * 100,
      attemptsMax: retryPolicy?.maximumAttempts ?? 0,
      nonRetryable: retryPolicy?.nonRetryableErrorTypes ?? [],
    },
    attempts: 0,
    current: null,
    isCancelRequested: false,
  };
}
