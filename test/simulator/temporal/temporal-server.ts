import type { coresdk } from '@temporalio/proto';
import type { EventHandle, VirtualTime } from '../time/virtual-time.js';
import { ActivityTasks } from './activity-tasks.js';
import { initializeJob, signalJob, timerJob, updateJob } from './jobs.js';
import { fromPayload, millisecondsOf, type ProtoPayload } from './payloads.js';
import type { ServerWeather } from './server-weather.js';
import type { TaskWorker } from './task-worker.js';
import type { Command } from './workflow-instance.js';
import { type RunStatus, type UpdateOutcome, WorkflowRun } from './workflow-run.js';
import { WorkflowTasks } from './workflow-tasks.js';

export interface StartRequest {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly payloads: readonly ProtoPayload[];
  readonly conflict: 'fail' | 'use_existing' | 'terminate_existing';
  readonly reuse: 'allow' | 'allow_failed_only' | 'reject';
  readonly executionTimeoutMs: number | null;
}

export interface ServerOptions {
  readonly time: VirtualTime;
  readonly weather: ServerWeather;
  readonly wallMs: () => number;
  /** A workflow task or an activity failed by something that is no failure of the world. */
  readonly noteMistake: (where: string, error: unknown) => void;
}

type Updated = (outcome: UpdateOutcome) => void;

/** A Temporal server in memory: executions, their tasks, timers, signals and updates. */
export class TemporalServer {
  readonly #options: ServerOptions;
  readonly #runs: WorkflowRun[] = [];
  /** The last run of each workflow id. */
  readonly #latest = new Map<string, WorkflowRun>();
  readonly #tasks: WorkflowTasks;
  readonly #activities: ActivityTasks;
  readonly #onEnd: ((run: WorkflowRun) => void)[] = [];
  #worker: TaskWorker | null = null;
  #updateCount = 0;

  constructor(options: ServerOptions) {
    const { time, weather, wallMs, noteMistake } = options;
    const noteFailure = (run: WorkflowRun, error: unknown): void =>
      noteMistake(`workflow ${run.workflowId}`, error);
    const apply = (run: WorkflowRun, command: Command): void => this.#apply(run, command);
    const around = { time, weather, wallMs, apply, noteFailure };
    this.#options = options;
    this.#tasks = new WorkflowTasks({
      ...around,
      workerOf: (queue) => (this.#live?.takesWorkflowsOf(queue) === true ? this.#live : null),
    });
    this.#activities = new ActivityTasks({
      ...around,
      tell: (run, job) => this.#tasks.tell(run, job),
      noteError: noteMistake,
      workerOf: (queue) => (this.#live?.takesActivitiesOf(queue) === true ? this.#live : null),
    });
  }

  get runs(): readonly WorkflowRun[] {
    return this.#runs;
  }

  latest(workflowId: string): WorkflowRun | null {
    return this.#latest.get(workflowId) ?? null;
  }

  /** A process has begun to poll. */
  attach(worker: TaskWorker): void {
    this.#worker = worker;
    this.#tasks.workerCame();
    this.#activities.workerCame();
  }

  whenEnded(listener: (run: WorkflowRun) => void): void {
    this.#onEnd.push(listener);
  }

  /** Starts a run, or finds the one that answers the request; null: it ran already. */
  start(request: StartRequest): { readonly run: WorkflowRun; readonly isNew: boolean } | null {
    const known = this.#latest.get(request.workflowId);
    if (known?.isRunning === true) {
      if (request.conflict === 'use_existing') return { run: known, isNew: false };
      if (request.conflict === 'fail') return null;
      this.#end(known, 'terminated');
    } else if (known !== undefined && !mayRunAgain(known, request.reuse)) return null;
    return { run: this.#begin(request), isNew: true };
  }

  /** False: there is no such run to tell. */
  signal(workflowId: string, name: string, payloads: readonly ProtoPayload[]): boolean {
    const run = this.#latest.get(workflowId);
    if (run === undefined || !run.isRunning) return false;
    run.historyLength += 1;
    this.#tasks.tell(run, signalJob(name, payloads));
    return true;
  }

  /** Asks a running workflow; the answer comes when its handler has one. */
  update(
    workflowId: string,
    name: string,
    payloads: readonly ProtoPayload[],
  ): Promise<UpdateOutcome> {
    const run = this.#latest.get(workflowId);
    if (run === undefined || !run.isRunning) {
      return Promise.resolve({ ok: false, message: 'workflow not found' });
    }
    this.#updateCount += 1;
    const id = `update-${this.#updateCount}`;
    return new Promise((resolve: Updated) => {
      run.updates.set(id, resolve);
      this.#tasks.tell(run, updateJob(id, name, payloads));
    });
  }

  activitiesOf(run: WorkflowRun): number {
    return this.#activities.countOf(run);
  }

  get #live(): TaskWorker | null {
    return this.#worker?.owner.isAlive === true ? this.#worker : null;
  }

  #begin(request: Omit<StartRequest, 'conflict' | 'reuse'>): WorkflowRun {
    const { workflowId, workflowType, taskQueue, payloads, executionTimeoutMs } = request;
    const runId = `run-${String(this.#runs.length + 1).padStart(6, '0')}`;
    const startedAtMs = this.#options.wallMs();
    const run = new WorkflowRun({ workflowId, runId, workflowType, taskQueue, startedAtMs });
    this.#runs.push(run);
    this.#latest.set(workflowId, run);
    this.#tasks.tell(run, initializeJob({ workflowType, workflowId, payloads }));
    if (executionTimeoutMs !== null) {
      this.#options.time.after(executionTimeoutMs, { owner: null, label: '' }, () => {
        if (run.isRunning) this.#end(run, 'timed_out');
      });
    }
    return run;
  }

  #apply(run: WorkflowRun, command: Command): void {
    if (!run.isRunning) return;
    if (command.scheduleActivity) this.#activities.schedule(run, command.scheduleActivity);
    else if (command.requestCancelActivity) {
      this.#activities.requestCancel(run, command.requestCancelActivity.seq ?? 0);
    } else if (command.startTimer) this.#startTimer(run, command.startTimer);
    else if (command.cancelTimer) this.#cancelTimer(run, command.cancelTimer.seq ?? 0);
    else if (command.upsertWorkflowSearchAttributes) run.historyLength += 1;
    else if (command.setPatchMarker) run.patches.add(command.setPatchMarker.patchId ?? '');
    else if (command.updateResponse) this.#answerUpdate(run, command.updateResponse);
    else if (command.completeWorkflowExecution) {
      run.result = command.completeWorkflowExecution.result ?? null;
      this.#end(run, 'completed');
    } else if (command.failWorkflowExecution) {
      run.failureMessage = command.failWorkflowExecution.failure?.message ?? '';
      this.#end(run, 'failed');
    } else if (command.cancelWorkflowExecution) this.#end(run, 'canceled');
    else if (command.continueAsNewWorkflowExecution) {
      this.#continueAsNew(run, command.continueAsNewWorkflowExecution);
    } else throw new Error(`expected a command that the simulator knows, found ${kindOf(command)}`);
  }

  #startTimer(run: WorkflowRun, command: coresdk.workflow_commands.IStartTimer): void {
    const seq = command.seq ?? 0;
    const delayMs = millisecondsOf(command.startToFireTimeout) ?? 0;
    run.historyLength += 1;
    const timer: EventHandle = this.#options.time.after(delayMs, { owner: null, label: '' }, () => {
      run.timers.delete(seq);
      run.historyLength += 1;
      this.#tasks.tell(run, timerJob(seq));
    });
    run.timers.set(seq, timer);
  }

  /** A timer that has fired and was not handed over yet is canceled all the same. */
  #cancelTimer(run: WorkflowRun, seq: number): void {
    run.timers.get(seq)?.cancel();
    run.timers.delete(seq);
    run.historyLength += 1;
    run.pending = run.pending.filter((job) => job.fireTimer?.seq !== seq);
  }

  #answerUpdate(run: WorkflowRun, response: coresdk.workflow_commands.IUpdateResponse): void {
    const id = response.protocolInstanceId ?? '';
    const answer = run.updates.get(id);
    run.historyLength += 1;
    if (answer === undefined || response.accepted) return;
    run.updates.delete(id);
    if (response.completed) answer({ ok: true, value: fromPayload(response.completed) });
    else answer({ ok: false, message: response.rejected?.message ?? 'rejected' });
  }

  #continueAsNew(
    run: WorkflowRun,
    command: coresdk.workflow_commands.IContinueAsNewWorkflowExecution,
  ): void {
    this.#end(run, 'continued_as_new');
    this.#begin({
      workflowId: run.workflowId,
      workflowType: nonEmpty(command.workflowType, run.workflowType),
      taskQueue: nonEmpty(command.taskQueue, run.taskQueue),
      payloads: command.arguments ?? [],
      executionTimeoutMs: null,
    });
  }

  #end(run: WorkflowRun, status: RunStatus): void {
    run.status = status;
    this.#options.time.note(`workflow ${run.workflowId} ${status}`);
    for (const timer of run.timers.values()) timer.cancel();
    run.timers.clear();
    this.#activities.abandonAll(run);
    for (const answer of run.updates.values()) {
      answer({ ok: false, message: 'the workflow ended before it answered' });
    }
    run.updates.clear();
    for (const listener of this.#onEnd) listener(run);
  }
}

function mayRunAgain(known: WorkflowRun, reuse: StartRequest['reuse']): boolean {
  if (reuse === 'allow') return true;
  return reuse === 'allow_failed_only' && known.status !== 'completed';
}

function nonEmpty(text: string | null | undefined, otherwise: string): string {
  return text === null || text === undefined || text === '' ? otherwise : text;
}

function kindOf(command: Command): string {
  return Object.keys(command).join(', ');
}
