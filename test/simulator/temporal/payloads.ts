import {
  CancelledFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
  ensureTemporalFailure,
  type Payload,
} from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

export type ProtoPayload = temporal.api.common.v1.IPayload;
export type ProtoFailure = temporal.api.failure.v1.IFailure;

/** What crosses Temporal crosses it as JSON: nobody shares an object with anybody. */
export function toPayload(value: unknown): ProtoPayload {
  return defaultPayloadConverter.toPayload(value);
}

export function fromPayload(payload: ProtoPayload): unknown {
  return defaultPayloadConverter.fromPayload(payload as Payload);
}

export function fromPayloads(payloads: readonly ProtoPayload[] | null | undefined): unknown[] {
  return (payloads ?? []).map(fromPayload);
}

/** An error as it travels. */
export function failureOf(error: unknown): ProtoFailure {
  return defaultFailureConverter.errorToFailure(
    ensureTemporalFailure(error),
    defaultPayloadConverter,
  );
}

export type TimeoutKind = 'start_to_close' | 'heartbeat';

/** `TimeoutType` of the protocol. */
const TIMEOUT_TYPES: Readonly<Record<TimeoutKind, number>> = { start_to_close: 1, heartbeat: 4 };

export function timeoutFailure(kind: TimeoutKind): ProtoFailure {
  return {
    message: `activity ${kind} timeout`,
    source: 'Server',
    timeoutFailureInfo: { timeoutType: TIMEOUT_TYPES[kind] },
  };
}

export function canceledFailure(): ProtoFailure {
  return failureOf(new CancelledFailure('CANCELLED'));
}

/** What a workflow is told of an activity that ended without a result. */
export function activityFailure(
  activity: { readonly activityId: string; readonly activityType: string },
  cause: ProtoFailure,
): ProtoFailure {
  const { activityId, activityType } = activity;
  return {
    message: 'Activity task failed',
    activityFailureInfo: { activityId, activityType: { name: activityType }, identity: 'worker' },
    cause,
  };
}

/** A protocol duration in milliseconds; null: none. */
export function millisecondsOf(
  duration: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number | null {
  if (duration === null || duration === undefined) return null;
  return Number(duration.seconds ?? 0) * 1_000 + (duration.nanos ?? 0) / 1_000_000;
}
