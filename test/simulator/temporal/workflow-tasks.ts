import type { VirtualTime } from '../time/virtual-time.js';
import { inOrderOfCore, type Job } from './jobs.js';
import type { ServerWeather } from './server-weather.js';
import type { TaskWorker } from './task-worker.js';
import type { Command } from './workflow-instance.js';
import { isLast, type StartedTask, type WorkflowRun } from './workflow-run.js';

interface Surroundings {
  readonly time: VirtualTime;
  readonly weather: ServerWeather;
  readonly workerOf: (taskQueue: string) => TaskWorker | null;
  readonly apply: (run: WorkflowRun, command: Command) => void;
  /** Wall time, in whole milliseconds: what workflows are told. */
  readonly wallMs: () => number;
  /** A task that failed: a mistake in a workflow, or in the simulator. */
  readonly noteFailure: (run: WorkflowRun, error: unknown) => void;
}

const TASK_TIMEOUT_MS = 10_000;
const TASK_RETRY_MS = 1_000;
const EVENTS_OF_A_TASK = 3;

/**
 * The server's side of workflow tasks: one at a time for each run, with everything that has come
 * until it starts. A task whose worker dies is given again; one that would end a run which has been
 * told more meanwhile is thrown away and given again with all of it.
 */
export class WorkflowTasks {
  readonly #around: Surroundings;
  readonly #waiting = new Set<WorkflowRun>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Tells a run something; what is told to one that is over is gone. */
  tell(run: WorkflowRun, job: Job): void {
    if (!run.isRunning) return;
    run.pending.push(job);
    this.#wake(run, this.#around.weather.dispatchMs());
  }

  workerCame(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) this.#dispatchAfter(run, 1);
  }

  #wake(run: WorkflowRun, delayMs: number): void {
    if (!run.isRunning || run.taskState !== 'none' || run.pending.length === 0) return;
    run.taskState = 'scheduled';
    this.#dispatchAfter(run, delayMs);
  }

  #dispatchAfter(run: WorkflowRun, delayMs: number): void {
    this.#around.time.after(delayMs, { owner: null, label: '' }, () => this.#dispatch(run));
  }

  #dispatch(run: WorkflowRun): Promise<void> | undefined {
    if (!run.isRunning) return undefined;
    const worker = this.#around.workerOf(run.taskQueue);
    if (worker === null) {
      this.#waiting.add(run);
      return undefined;
    }
    const task: StartedTask = { jobs: inOrderOfCore(run.pending.splice(0)), timeout: null };
    run.taskState = 'started';
    run.task = task;
    const { time } = this.#around;
    const giveUp = (): void => this.#giveAgain(run, task, 0);
    task.timeout = time.after(TASK_TIMEOUT_MS, { owner: null, label: '' }, giveUp);
    const told = task.jobs.map((job) => job.variant).join('+');
    time.note(`task of ${run.workflowId}: ${told}`);
    time.handOver(worker.owner);
    return this.#decide(run, task, worker);
  }

  async #decide(run: WorkflowRun, task: StartedTask, worker: TaskWorker): Promise<void> {
    const { time, weather, wallMs } = this.#around;
    const atMs = wallMs();
    const isNewSuggested = run.historyLength > weather.historyEventsMax;
    try {
      const commands = await worker.decide(run, { jobs: task.jobs, atMs, isNewSuggested });
      if (weather.losesTaskAnswer()) {
        time.note(`task of ${run.workflowId}: the answer is lost`);
        worker.evict(run.runId);
        return;
      }
      const decided = { commands, atMs, isNewSuggested };
      time.after(weather.reportMs(), { owner: worker.owner, label: '' }, () =>
        this.#complete(run, task, { ...decided, worker }),
      );
    } catch (error) {
      worker.evict(run.runId);
      this.#around.noteFailure(run, error);
      this.#giveAgain(run, task, TASK_RETRY_MS);
    }
  }

  #complete(
    run: WorkflowRun,
    task: StartedTask,
    decided: {
      readonly commands: readonly Command[];
      readonly atMs: number;
      readonly isNewSuggested: boolean;
      readonly worker: TaskWorker;
    },
  ): void {
    const { commands, worker, atMs, isNewSuggested } = decided;
    if (run.task !== task || !run.isRunning) {
      worker.evict(run.runId);
      return;
    }
    task.timeout?.cancel();
    if (commands.some(isLast) && run.pending.length > 0) {
      // What arrived meanwhile is never lost: the decision to end is made again, knowing it.
      worker.evict(run.runId);
      this.#giveAgain(run, task, 0);
      return;
    }
    const { historyLength } = run;
    run.tasks.push({ jobs: task.jobs, atMs, historyLength, isNewSuggested, commands });
    run.historyLength += EVENTS_OF_A_TASK;
    run.task = null;
    run.taskState = 'none';
    for (const command of withoutUnsentTimers(commands)) this.#around.apply(run, command);
    if (!run.isRunning || this.#around.weather.evictsWorkflow()) worker.evict(run.runId);
    this.#wake(run, this.#around.weather.dispatchMs());
  }

  #giveAgain(run: WorkflowRun, task: StartedTask, delayMs: number): void {
    if (run.task !== task || !run.isRunning) return;
    task.timeout?.cancel();
    run.task = null;
    run.taskFailures += 1;
    run.taskState = 'none';
    run.pending = [...task.jobs, ...run.pending];
    this.#wake(run, delayMs);
  }
}

/** A timer that is started and canceled in one task is never told to the server. */
export function withoutUnsentTimers(commands: readonly Command[]): readonly Command[] {
  const started = new Set(commands.flatMap((command) => command.startTimer?.seq ?? []));
  const unsent = new Set(
    commands.flatMap(({ cancelTimer }) => {
      const seq = cancelTimer?.seq;
      return typeof seq === 'number' && started.has(seq) ? [seq] : [];
    }),
  );
  if (unsent.size === 0) return commands;
  return commands.filter(({ startTimer, cancelTimer }) => {
    const seq = startTimer?.seq ?? cancelTimer?.seq;
    return typeof seq !== 'number' || !unsent.has(seq);
  });
}
