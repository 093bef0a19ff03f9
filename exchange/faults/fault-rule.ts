import { z } from 'zod';

const requestMatch = {
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']).optional(),
  /** The path without its query; a `*` at the end stands for any rest. */
  path: z.string().max(200).optional(),
};

const common = {
  clientOrderId: z.string().max(128).optional(),
  /** Fires from the nth match on, counting from 1. */
  nth: z.number().int().min(1).default(1),
  /** How often it fires; null = for ever. */
  times: z.number().int().min(1).nullable().default(1),
};

const requestFault = z.strictObject({
  match: z.strictObject({ ...requestMatch, ...common }),
  action: z.strictObject({ kind: z.enum(['drop_before', 'execute_then_drop']) }),
});

const eventFault = z.strictObject({
  match: z.strictObject({ event: z.string().max(40).optional(), ...common }),
  action: z.strictObject({ kind: z.literal('mute_event') }),
});

/** What a caller of the fault API asks for: when, and what then goes wrong. */
export const faultSchema = z.union([requestFault, eventFault]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['action']['kind'];

/** A trading or data request, as faults see it. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly clientOrderId: string | null;
}

/** A frame of the trade-updates stream, as faults see it. */
export interface EventFacts {
  readonly event: string;
  readonly clientOrderId: string;
}

/** Whether a fault speaks of this request. Faults of events never do. */
export function matchesRequest(fault: Fault, request: RequestFacts): boolean {
  if (!isRequestFault(fault)) return false;
  const { match } = fault;
  return (
    (match.method === undefined || match.method === request.method) &&
    (match.path === undefined || matchesPath(match.path, request.path)) &&
    (match.clientOrderId === undefined || match.clientOrderId === request.clientOrderId)
  );
}

/** Whether a fault speaks of this frame. Faults of requests never do. */
export function matchesEvent(fault: Fault, event: EventFacts): boolean {
  if (isRequestFault(fault)) return false;
  const { match } = fault;
  return (
    (match.event === undefined || match.event === event.event) &&
    (match.clientOrderId === undefined || match.clientOrderId === event.clientOrderId)
  );
}

function isRequestFault(fault: Fault): fault is z.infer<typeof requestFault> {
  return fault.action.kind !== 'mute_event';
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
