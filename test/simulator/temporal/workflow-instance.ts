import './workflow-globals.js';
import type { Workflow } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import { setActivator } from '@temporalio/workflow/lib/global-attributes.js';
import type { WorkflowInfo } from '@temporalio/workflow/lib/interfaces.js';
import { Activator } from '@temporalio/workflow/lib/internals.js';
import { createUnsafeRandomSource } from '@temporalio/workflow/lib/random-helpers.js';
import logs from '@temporalio/workflow/lib/logs.js';
import * as workerInterface from '@temporalio/workflow/lib/worker-interface.js';
import { TypedSearchAttributes } from '@temporalio/common';
import * as workflows from '../../../workflows/index.js';
import { NAMESPACE } from '../../../workflows/contract/index.js';
import { followingPromises } from '../time/followed-values.js';
import { microtasksDone } from '../time/virtual-time.js';
import type { Job } from './jobs.js';

export type Command = coresdk.workflow_commands.IWorkflowCommand;

/** What a workflow knows of its own execution. */
export interface ExecutionFacts {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly startedAtMs: number;
}

/** One workflow task as a worker gets it. */
export interface Activation {
  readonly jobs: readonly Job[];
  readonly atMs: number;
  readonly isReplaying: boolean;
  readonly historyLength: number;
  readonly isNewSuggested: boolean;
}

/** The behaviours of the SDK that today's workers write into every history. */
const SDK_FLAGS = [1, 2, 3];
const RANDOM_SEED_BYTES = 8;

// What the module logs of each start and end nobody reads here, and each line clones its arguments.
const unheard = (): void => undefined;
Object.assign(logs.log, {
  trace: unheard,
  debug: unheard,
  info: unheard,
  warn: unheard,
  error: unheard,
});

/**
 * One workflow in the memory of a worker: the workflow function of `workflows/`, run by the very
 * module that runs it in production; only what stands between that module and the server is ours.
 */
export class WorkflowInstance {
  readonly #activator: Activator;

  constructor(facts: ExecutionFacts) {
    this.#activator = new Activator({
      info: infoOf(facts),
      now: facts.startedAtMs,
      randomnessSeed: randomnessOf(facts.runId),
      showStackTraceSources: false,
      sourceMap: { version: 3, sources: [], names: [], mappings: '', file: '' },
      registeredActivityNames: new Set(),
      getTimeOfDay: () => 0n,
      stackTracesEnabled: false,
    });
    this.#activator.addKnownFlags(SDK_FLAGS);
    this.#activator.workflow = workflowNamed(facts.workflowType);
  }

  /**
   * Runs the jobs and everything that follows from them. Returns the commands; throws what fails
   * the workflow task, which is always a mistake of ours.
   */
  async activate(activation: Activation): Promise<readonly Command[]> {
    const activator = this.#activator;
    setActivator(activator);
    try {
      this.#tellTask(activation);
      await followingPromises(() => run(this.#tellPatches(activation.jobs)));
      const { successful } = workerInterface.concludeActivation();
      activator.getAndResetSinkCalls();
      return successful?.commands ?? [];
    } finally {
      setActivator(undefined);
    }
  }

  /** What the workflow shows of itself in the Web UI. */
  get currentDetails(): string {
    return this.#activator.currentDetails;
  }

  /** As a worker does: what history holds of patches is known before anything else. */
  #tellPatches(jobs: readonly Job[]): readonly Job[] {
    for (const { notifyHasPatch } of jobs) {
      if (notifyHasPatch) this.#activator.notifyHasPatch(notifyHasPatch);
    }
    return jobs.filter(({ notifyHasPatch }) => !notifyHasPatch);
  }

  #tellTask({ atMs, isReplaying, historyLength, isNewSuggested }: Activation): void {
    this.#activator.now = atMs;
    this.#activator.mutateWorkflowInfo((info) => ({
      ...info,
      historyLength,
      continueAsNewSuggested: isNewSuggested,
      unsafe: { ...info.unsafe, isReplaying, isReplayingHistoryEvents: isReplaying },
    }));
  }
}

async function run(jobs: readonly Job[]): Promise<void> {
  const first = jobs[0]?.initializeWorkflow;
  if (first !== null && first !== undefined) workerInterface.initialize(first);
  workerInterface.activate({ jobs: [...jobs] });
  do await microtasksDone();
  while (workerInterface.tryUnblockConditions() > 0);
}

function infoOf(facts: ExecutionFacts): WorkflowInfo {
  const { workflowId, runId, workflowType, taskQueue } = facts;
  const startTime = new Date(facts.startedAtMs);
  return {
    workflowId,
    runId,
    workflowType,
    taskQueue,
    namespace: NAMESPACE,
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes([]),
    historyLength: 0,
    historySize: 0,
    continueAsNewSuggested: false,
    targetWorkerDeploymentVersionChanged: false,
    firstExecutionRunId: runId,
    originalExecutionRunId: runId,
    startTime,
    runStartTime: startTime,
    taskTimeoutMs: 10_000,
    attempt: 1,
    currentBuildId: '',
    unsafe: {
      now: () => facts.startedAtMs,
      isReplaying: false,
      isReplayingHistoryEvents: false,
      random: createUnsafeRandomSource(refuseChance),
    },
  };
}

function refuseChance(): never {
  throw new Error('expected a workflow to draw no chance that a replay would not draw');
}

function randomnessOf(runId: string): number[] {
  const bytes = [...Buffer.from(runId)];
  return bytes.slice(-RANDOM_SEED_BYTES);
}

const WORKFLOWS: ReadonlyMap<string, Workflow> = new Map(Object.entries(workflows));

/** By the name that clients start it by, as in the bundle. */
function workflowNamed(name: string): Workflow {
  const found = WORKFLOWS.get(name);
  if (found === undefined) throw new Error(`expected a workflow named ${name}, found none`);
  return found;
}
