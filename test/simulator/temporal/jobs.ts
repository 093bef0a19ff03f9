import proto, { type coresdk } from '@temporalio/proto';
import type { ProtoFailure, ProtoPayload } from './payloads.js';

/** One thing that a workflow is told in a task. */
export type Job = coresdk.workflow_activation.WorkflowActivationJob;

const { WorkflowActivationJob } = proto.coresdk.workflow_activation;

export function initializeJob(input: {
  readonly workflowType: string;
  readonly workflowId: string;
  readonly payloads: readonly ProtoPayload[];
}): Job {
  const { workflowType, workflowId, payloads } = input;
  return WorkflowActivationJob.create({
    initializeWorkflow: { workflowType, workflowId, arguments: [...payloads] },
  });
}

export function signalJob(signalName: string, payloads: readonly ProtoPayload[]): Job {
  return WorkflowActivationJob.create({
    signalWorkflow: { signalName, input: [...payloads], identity: 'client' },
  });
}

export function updateJob(id: string, name: string, payloads: readonly ProtoPayload[]): Job {
  return WorkflowActivationJob.create({
    doUpdate: {
      id,
      protocolInstanceId: id,
      name,
      input: [...payloads],
      runValidator: true,
    },
  });
}

export function timerJob(seq: number): Job {
  return WorkflowActivationJob.create({ fireTimer: { seq } });
}

export function completedActivityJob(seq: number, result: ProtoPayload): Job {
  return WorkflowActivationJob.create({
    resolveActivity: { seq, result: { completed: { result } } },
  });
}

export function failedActivityJob(seq: number, failure: ProtoFailure): Job {
  return WorkflowActivationJob.create({
    resolveActivity: { seq, result: { failed: { failure } } },
  });
}

export function canceledActivityJob(seq: number, failure: ProtoFailure): Job {
  return WorkflowActivationJob.create({
    resolveActivity: { seq, result: { cancelled: { failure } } },
  });
}

export function patchJob(patchId: string): Job {
  return WorkflowActivationJob.create({ notifyHasPatch: { patchId } });
}

/** The order in which Core hands over what came together for one task; ties stay as they came. */
export function inOrderOfCore(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((left, right) => ordinalOf(left) - ordinalOf(right));
}

function ordinalOf(job: Job): number {
  switch (job.variant) {
    case 'initializeWorkflow':
      return 0;
    case 'notifyHasPatch':
      return 1;
    case 'updateRandomSeed':
      return 2;
    case 'signalWorkflow':
    case 'doUpdate':
      return 3;
    default:
      return 4;
  }
}
