import proto, { type temporal } from '@temporalio/proto';
import { msToTs } from '@temporalio/common/lib/time.js';
import { assertNever } from '../../../domain/values/index.js';
import { millisecondsOf } from './payloads.js';
import type { Schedule, Schedules } from './schedules.js';
import type { StartRequest, TemporalServer } from './temporal-server.js';

const api = proto.temporal.api.workflowservice.v1;
const { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, ScheduleOverlapPolicy } =
  proto.temporal.api.enums.v1;

const { WORKFLOW_EXECUTION_STATUS_RUNNING } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** Codes of gRPC. */
export const UNAVAILABLE = 14;
const ALREADY_EXISTS = 6;
const NOT_FOUND = 5;
export const UNIMPLEMENTED = 12;

/** What the service can be asked, by the names of the protocol. */
export const SERVED_METHODS = [
  'StartWorkflowExecution',
  'SignalWorkflowExecution',
  'SignalWithStartWorkflowExecution',
  'ListWorkflowExecutions',
  'CreateSchedule',
  'PatchSchedule',
] as const;

export type ServedMethod = (typeof SERVED_METHODS)[number];

/** An error as a gRPC client gets it. */
export class ServiceError extends Error {
  readonly metadata = new Map<string, never>();

  constructor(
    readonly code: number,
    readonly details: string,
  ) {
    super(details);
  }
}

/**
 * The part of Temporal's service that the processes of Ordinis call, in its own messages: so that
 * the very client of production stands in front of it.
 */
export class TemporalService {
  readonly #server: TemporalServer;
  readonly #schedules: Schedules;

  constructor(server: TemporalServer, schedules: Schedules) {
    this.#server = server;
    this.#schedules = schedules;
  }

  /** Does what a request asks; a message in, a message out. */
  call(method: ServedMethod, request: object): object {
    switch (method) {
      case 'StartWorkflowExecution':
        return this.#start(api.StartWorkflowExecutionRequest.create(request));
      case 'SignalWorkflowExecution':
        return this.#signal(api.SignalWorkflowExecutionRequest.create(request));
      case 'SignalWithStartWorkflowExecution':
        return this.#signalWithStart(api.SignalWithStartWorkflowExecutionRequest.create(request));
      case 'ListWorkflowExecutions':
        return this.#list(api.ListWorkflowExecutionsRequest.create(request));
      case 'CreateSchedule':
        return this.#createSchedule(api.CreateScheduleRequest.create(request));
      case 'PatchSchedule':
        return this.#patchSchedule(api.PatchScheduleRequest.create(request));
      default:
        return assertNever(method);
    }
  }

  /** Tells a signal again, as a client that retries does. */
  static isSignal(method: ServedMethod): boolean {
    return method === 'SignalWorkflowExecution';
  }

  #start(request: temporal.api.workflowservice.v1.StartWorkflowExecutionRequest): object {
    const started = this.#server.start(startRequestOf(request));
    if (started === null) throw new ServiceError(ALREADY_EXISTS, 'workflow ran already');
    const { runId } = started.run;
    return api.StartWorkflowExecutionResponse.create({ runId, started: started.isNew });
  }

  #signal(request: temporal.api.workflowservice.v1.SignalWorkflowExecutionRequest): object {
    const id = request.workflowExecution?.workflowId ?? '';
    if (!this.#server.signal(id, request.signalName, request.input?.payloads ?? [])) {
      throw new ServiceError(NOT_FOUND, 'workflow execution already completed');
    }
    return api.SignalWorkflowExecutionResponse.create({});
  }

  #signalWithStart(
    request: temporal.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest,
  ): object {
    const started = this.#server.start({ ...startRequestOf(request), conflict: 'use_existing' });
    if (started === null) throw new ServiceError(ALREADY_EXISTS, 'workflow ran already');
    const { workflowId, runId } = started.run;
    this.#server.signal(workflowId, request.signalName, request.signalInput?.payloads ?? []);
    return api.SignalWithStartWorkflowExecutionResponse.create({ runId });
  }

  /** What runs of the types that the query names. The index of the simulator does not lag. */
  #list({ query }: temporal.api.workflowservice.v1.ListWorkflowExecutionsRequest): object {
    const executions = this.#server.runs
      .filter(({ isRunning, workflowType }) => isRunning && query.includes(`"${workflowType}"`))
      .map(({ workflowId, runId, workflowType: name, startedAtMs }) => ({
        execution: { workflowId, runId },
        type: { name },
        status: WORKFLOW_EXECUTION_STATUS_RUNNING,
        startTime: msToTs(startedAtMs),
      }));
    // The client reads numbers that only a decoded message has.
    const response = api.ListWorkflowExecutionsResponse;
    return response.decode(response.encode({ executions }).finish());
  }

  #createSchedule(request: temporal.api.workflowservice.v1.CreateScheduleRequest): object {
    if (!this.#schedules.create(scheduleOf(request))) {
      throw new ServiceError(ALREADY_EXISTS, 'schedule exists');
    }
    return api.CreateScheduleResponse.create({});
  }

  #patchSchedule(request: temporal.api.workflowservice.v1.PatchScheduleRequest): object {
    const isPaused = (request.patch?.pause ?? '') !== '';
    if (!this.#schedules.setPaused(request.scheduleId, isPaused)) {
      throw new ServiceError(NOT_FOUND, 'schedule not found');
    }
    return api.PatchScheduleResponse.create({});
  }
}

interface StartMessage {
  readonly workflowId?: string | null;
  readonly workflowType?: temporal.api.common.v1.IWorkflowType | null;
  readonly taskQueue?: temporal.api.taskqueue.v1.ITaskQueue | null;
  readonly input?: temporal.api.common.v1.IPayloads | null;
  readonly workflowExecutionTimeout?: Parameters<typeof millisecondsOf>[0];
  readonly workflowIdConflictPolicy?: temporal.api.enums.v1.WorkflowIdConflictPolicy | null;
  readonly workflowIdReusePolicy?: temporal.api.enums.v1.WorkflowIdReusePolicy | null;
}

function startRequestOf(message: StartMessage): StartRequest {
  const timeoutMs = millisecondsOf(message.workflowExecutionTimeout);
  return {
    workflowId: message.workflowId ?? '',
    workflowType: message.workflowType?.name ?? '',
    taskQueue: message.taskQueue?.name ?? '',
    payloads: message.input?.payloads ?? [],
    conflict: conflictOf(message.workflowIdConflictPolicy),
    reuse: reuseOf(message.workflowIdReusePolicy),
    executionTimeoutMs: timeoutMs === 0 ? null : timeoutMs,
  };
}

function conflictOf(policy: StartMessage['workflowIdConflictPolicy']): StartRequest['conflict'] {
  switch (policy) {
    case WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING:
      return 'use_existing';
    case WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING:
      return 'terminate_existing';
    default:
      return 'fail';
  }
}

function reuseOf(policy: StartMessage['workflowIdReusePolicy']): StartRequest['reuse'] {
  switch (policy) {
    case WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY:
      return 'allow_failed_only';
    case WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE:
      return 'reject';
    default:
      return 'allow';
  }
}

function scheduleOf(request: temporal.api.workflowservice.v1.CreateScheduleRequest): Schedule {
  const { schedule, scheduleId } = request;
  const interval = schedule?.spec?.interval?.[0];
  const {
    conflict: _conflict,
    reuse: _reuse,
    ...action
  } = startRequestOf(schedule?.action?.startWorkflow ?? {});
  const overlap = schedule?.policies?.overlapPolicy;
  return {
    scheduleId,
    action,
    everyMs: millisecondsOf(interval?.interval) ?? 60_000,
    offsetMs: millisecondsOf(interval?.phase) ?? 0,
    buffersOne: overlap === ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE,
  };
}
