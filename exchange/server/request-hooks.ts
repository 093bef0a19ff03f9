import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestAction } from '../faults/fault-action.js';
import type { RequestFacts } from '../faults/fault-rule.js';
import type { FiredFault } from '../faults/fault-table.js';
import type { RequestRecord } from '../run/command.js';
import type { MeantAnswer } from '../run/wire-samples.js';
import { ApiFailure, BAD_KEYS, FORBIDDEN, RATE_LIMITED } from './api-failure.js';
import { areValid } from './credentials.js';
import type { ExchangeContext } from './exchange-context.js';
import { contentTypeOf, spoiledPayload } from './fault-answer.js';
import type { RateLimit } from './rate-limit.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault that hits this request, once it has been matched. */
    fault: FiredFault | null;
  }
}

/** What is remembered of a request of the broker's API while it is served. */
interface Visit {
  readonly number: number;
  readonly requestId: string;
  readonly receivedWallMs: number;
  isJournaled: boolean;
}

export interface HookOptions {
  readonly rateLimit: RateLimit | null;
  /** Whether the clock, the journal and the faults want keys too. */
  readonly areControlsLocked: boolean;
  /** Called when an answer has left, or never will. */
  readonly onAnswered: () => void;
  /** Sees every answer of the broker's API; must not throw. */
  readonly onMeantAnswer: (answer: MeantAnswer) => void;
}

/** Around every request: its id, keys, rate limit, faults and its line in the journal. */
export function addRequestHooks(
  app: FastifyInstance,
  exchange: ExchangeContext,
  options: HookOptions,
): void {
  const visits = new WeakMap<FastifyRequest, Visit>();
  app.decorateRequest('fault', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.once('close', options.onAnswered);
    // Clients call their JSON many things, also nothing at all.
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json';
    if (isControl(request)) {
      refuseBrowsers(request);
      if (options.areControlsLocked) checkKeys(request, exchange);
      return;
    }
    const receivedWallMs = performance.timeOrigin + performance.now();
    const { number, requestId } = exchange.run.nameRequest();
    visits.set(request, { number, requestId, receivedWallMs, isJournaled: false });
    reply.header('X-Request-ID', requestId);
    checkKeys(request, exchange);
    if (options.rateLimit !== null && !request.url.startsWith('/v2/stocks')) {
      limitRate(reply, options.rateLimit, receivedWallMs);
    }
  });
  app.addHook('preHandler', async (request, reply) => {
    const visit = visits.get(request);
    if (visit === undefined) return undefined;
    const { run, clock } = exchange;
    const { requestId, receivedWallMs } = visit;
    const facts = factsOf(request, exchange);
    const atMs = clock.nowMs();
    request.fault = run.matchRequest({ facts, requestId, receivedWallMs, atMs });
    return await applyBefore({ exchange, request, reply, visit });
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const visit = visits.get(request);
    if (visit === undefined || visit.isJournaled) return payload;
    const [path = ''] = request.url.split('?', 1);
    const text = typeof payload === 'string' ? payload : '';
    const route = request.routeOptions.url ?? null;
    const { method } = request;
    options.onMeantAnswer({ method, route, path, status: reply.statusCode, text });
    return await applyAfter({ exchange, request, reply, visit }, payload);
  });
}

interface Passage {
  readonly exchange: ExchangeContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly visit: Visit;
}

/** What a fault does before the request is looked at. Answers a reply when that is all there is. */
async function applyBefore(passage: Passage): Promise<FastifyReply | undefined> {
  const { request, reply } = passage;
  const action = request.fault?.action;
  if (action === undefined) return undefined;
  if (action.kind === 'drop_before') {
    journalVisit(passage, { status: null, isAnswered: false });
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  if (action.kind === 'delay' && action.when === 'before')
    await wait(action.delayMs, undefined, { ref: false });
  if (action.kind !== 'status' || action.isExecuted) return undefined;
  journalVisit(passage, { status: null, isAnswered: true, answeredStatus: action.status });
  answerInstead(reply, action);
  return reply.send(spoiledPayload(action, null));
}

/** What a fault does to the answer of a request that was looked at. */
async function applyAfter(passage: Passage, payload: unknown): Promise<unknown> {
  const { request, reply } = passage;
  const action = request.fault?.action;
  const status = reply.statusCode;
  if (action?.kind === 'delay' && action.when === 'after')
    await wait(action.delayMs, undefined, { ref: false });
  if (action?.kind === 'execute_then_drop') {
    journalVisit(passage, { status, isAnswered: false });
    request.raw.socket.destroy();
    return payload;
  }
  const answered = action?.kind === 'status' ? { answeredStatus: action.status } : {};
  journalVisit(passage, { status, isAnswered: true, ...answered });
  if (action === undefined) return payload;
  if (action.kind === 'status') answerInstead(reply, action);
  return spoiledPayload(action, payload);
}

function answerInstead(
  reply: FastifyReply,
  action: Extract<RequestAction, { kind: 'status' }>,
): void {
  reply.code(action.status);
  reply.header('content-type', contentTypeOf(action.body));
  reply.headers(action.headers);
}

function isControl(request: FastifyRequest): boolean {
  return request.url.startsWith('/_');
}

/** A web page must not steer the exchange through its visitor's browser. */
function refuseBrowsers(request: FastifyRequest): void {
  if (request.headers.origin === undefined) return;
  throw new ApiFailure(FORBIDDEN, 'requests from web pages are refused');
}

function checkKeys(request: FastifyRequest, { credentials }: ExchangeContext): void {
  const keyId = headerOf(request, 'apca-api-key-id');
  const secret = headerOf(request, 'apca-api-secret-key');
  if (areValid(credentials, keyId, secret)) return;
  throw new ApiFailure(BAD_KEYS, 'access key verification failed');
}

function limitRate(reply: FastifyReply, rateLimit: RateLimit, atWallMs: number): void {
  const state = rateLimit.note(atWallMs);
  reply.header('X-RateLimit-Limit', String(state.limit));
  reply.header('X-RateLimit-Remaining', String(state.remaining));
  reply.header('X-RateLimit-Reset', String(state.resetUnixSeconds));
  if (state.isExceeded) throw new ApiFailure(RATE_LIMITED, 'rate limit exceeded');
}

function journalVisit(
  { exchange, request, visit }: Passage,
  outcome: Pick<RequestRecord, 'status' | 'isAnswered' | 'answeredStatus'>,
): void {
  visit.isJournaled = true;
  const { number, requestId, receivedWallMs } = visit;
  const answeredWallMs = performance.timeOrigin + performance.now();
  const facts = factsOf(request, exchange);
  exchange.run.noteRequest(
    { number, requestId, ...facts, ...outcome, receivedWallMs, answeredWallMs },
    exchange.clock.nowMs(),
  );
}

function factsOf(request: FastifyRequest, { run }: ExchangeContext): RequestFacts {
  const path = request.url.split('?', 1)[0] ?? '';
  const named =
    stringMember(request.body, 'client_order_id') ?? stringMember(request.query, 'client_order_id');
  const orderId = stringMember(request.params, 'order_id');
  const order = orderId === null ? null : run.engine.book.find(orderId);
  const clientOrderId = named ?? order?.clientOrderId ?? null;
  return { method: request.method, path: path.slice(0, 200), clientOrderId };
}

function stringMember(container: unknown, member: string): string | null {
  if (typeof container !== 'object' || container === null) return null;
  const value: unknown = Reflect.get(container, member);
  return typeof value === 'string' ? value.slice(0, 128) : null;
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
