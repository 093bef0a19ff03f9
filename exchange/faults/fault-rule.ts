import { z } from 'zod';
import {
  eventActionSchema,
  requestActionSchema,
  type StreamAction,
  streamActionSchema,
  tradeActionSchema,
} from './fault-action.js';

const counted = {
  /** Fires from the nth match on, counting from 1. */
  nth: z.number().int().min(1).default(1),
  /** How often it fires; null = for ever. */
  times: z.number().int().min(1).nullable().default(1),
  /** The share of matches on which it fires, drawn from `seed`: the same matches every time. */
  probability: z.number().min(0).max(1).default(1),
  seed: z.string().max(100).default(''),
};
const clientOrderId = z.string().max(128);

const requestFault = z.strictObject({
  match: z.strictObject({
    method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']).optional(),
    /** The path without its query; a `*` at the end stands for any rest. */
    path: z.string().max(200).optional(),
    clientOrderId: clientOrderId.optional(),
    /** Wall milliseconds from its first match on; null = no end. */
    forMs: z.number().int().min(1).nullable().default(null),
    ...counted,
  }),
  action: requestActionSchema,
});

const eventFault = z.strictObject({
  match: z.strictObject({
    event: z.string().max(40).optional(),
    clientOrderId: clientOrderId.optional(),
    ...counted,
  }),
  action: eventActionSchema,
});

const streamFault = z.strictObject({
  match: z.strictObject({
    stream: z.enum(['trade_updates', 'market_data']).optional(),
    ...counted,
  }),
  action: streamActionSchema,
});

const tradeFault = z.strictObject({
  match: z.strictObject({ clientOrderId }),
  action: tradeActionSchema,
});

/** What a caller of the fault API asks for: when, and what then goes wrong. */
export const faultSchema = z.union([requestFault, eventFault, streamFault, tradeFault]);
export type Fault = z.infer<typeof faultSchema>;
export type RequestFault = z.infer<typeof requestFault>;
export type EventFault = z.infer<typeof eventFault>;
export type StreamFault = z.infer<typeof streamFault>;
export type TradeFault = z.infer<typeof tradeFault>;
export type FaultAction = Fault['action'];
export type FaultKind = FaultAction['kind'];

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

/** A moment in the life of a connection, as faults see it. */
export interface StreamFacts {
  readonly stream: 'trade_updates' | 'market_data';
  readonly moment: 'handshake' | 'authenticate' | 'listen';
}

const REQUEST_KINDS = kindsOf(requestActionSchema.options);
const EVENT_KINDS = kindsOf(eventActionSchema.options);
const STREAM_KINDS = kindsOf(streamActionSchema.options);

const MOMENTS: Readonly<Record<StreamAction['kind'], StreamFacts['moment']>> = {
  hung_handshake: 'handshake',
  silent_auth: 'authenticate',
  auth_flap: 'authenticate',
  silent_listen: 'listen',
};

function isRequestFault(fault: Fault): fault is RequestFault {
  return REQUEST_KINDS.has(fault.action.kind);
}

function isEventFault(fault: Fault): fault is EventFault {
  return EVENT_KINDS.has(fault.action.kind);
}

function isStreamFault(fault: Fault): fault is StreamFault {
  return STREAM_KINDS.has(fault.action.kind);
}

export function isTradeFault(fault: Fault): fault is TradeFault {
  return fault.action.kind === 'bust' || fault.action.kind === 'correct';
}

/** The fault, when it speaks of this request. Faults of other things never do. */
export function requestFaultFor(fault: Fault, request: RequestFacts): RequestFault | null {
  if (!isRequestFault(fault)) return null;
  const { match } = fault;
  const isMatch =
    (match.method === undefined || match.method === request.method) &&
    (match.path === undefined || matchesPath(match.path, request.path)) &&
    (match.clientOrderId === undefined || match.clientOrderId === request.clientOrderId);
  return isMatch ? fault : null;
}

/** The fault, when it speaks of this frame. Faults of other things never do. */
export function eventFaultFor(fault: Fault, event: EventFacts): EventFault | null {
  if (!isEventFault(fault)) return null;
  const { match } = fault;
  const isMatch =
    (match.event === undefined || match.event === event.event) &&
    (match.clientOrderId === undefined || match.clientOrderId === event.clientOrderId);
  return isMatch ? fault : null;
}

/** The fault, when it speaks of this moment of a connection. Faults of other things never do. */
export function streamFaultFor(fault: Fault, facts: StreamFacts): StreamFault | null {
  if (!isStreamFault(fault) || MOMENTS[fault.action.kind] !== facts.moment) return null;
  const { stream } = fault.match;
  return stream === undefined || stream === facts.stream ? fault : null;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function kindsOf(
  options: readonly { readonly shape: { readonly kind: z.ZodLiteral<string> } }[],
): ReadonlySet<string> {
  return new Set(options.map(({ shape }) => shape.kind.value));
}
