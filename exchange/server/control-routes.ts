import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Bar } from '../../domain/market/index.js';
import {
  type EpochMs,
  formatPrice,
  formatQuantity,
  parseInstant,
} from '../../domain/values/index.js';
import { faultSchema, isTradeFault } from '../faults/fault-rule.js';
import type { ClockAction } from '../run/market-clock.js';
import { wireInstant } from '../wire/instant.js';
import { notFound, unprocessable } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { parseFields } from './order-request.js';
import { countQuery } from './query.js';

/**
 * A client that waits longer than this for its step is answered with the old one and asks again.
 */
const PATIENCE_MS = 50_000;
const SPEED_MAX = 1_000_000;

const instant = z.string().transform((text, context): EpochMs => {
  const parsed = parseInstant(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'expected an RFC 3339 instant' });
  return z.NEVER;
});

const clockBody = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('done'), through: instant }),
  z.strictObject({ action: z.literal('step'), to: instant.optional() }),
  z.strictObject({ action: z.literal('next_event') }),
  z.strictObject({ action: z.literal('pause') }),
  z.strictObject({ action: z.literal('resume') }),
  z.strictObject({
    action: z.literal('speed'),
    speed: z.number().positive().max(SPEED_MAX).nullable(),
  }),
]);

const journalQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: countQuery({ min: 1, max: 10_000, byDefault: 10_000 }),
});
const faultParams = z.object({ fault_id: z.string() });

/**
 * What the real broker does not have: its clock, its journal and its faults. Never faulted, never
 * rate limited.
 */
export function addControlRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock } = exchange;
  app.get('/_clock', () => {
    clock.nowMs();
    return wireStep(exchange);
  });
  app.post('/_clock', async (request) => {
    await clock.control(clockAction(parseFields(clockBody, request.body)), PATIENCE_MS);
    return wireStep(exchange);
  });
  app.get('/_journal', (request) => {
    const { after, limit } = parseFields(journalQuery, request.query);
    const entries = run.journal.after(after, limit);
    return { entries, cursor: entries.at(-1)?.cursor ?? after };
  });
  app.get('/_fault', () => ({ faults: run.activeFaults }));
  app.post('/_fault', (request, reply) => {
    const fault = parseFields(faultSchema, request.body);
    const atMs = isTradeFault(fault) ? clock.stampMs() : clock.nowMs();
    const active = run.addFault(fault, atMs);
    if (active === null) throw unprocessable('no execution of this client_order_id stands');
    reply.code(201).send(active);
  });
  app.delete('/_fault', () => ({ removedCount: run.removeFaults(null, clock.nowMs()) }));
  app.delete('/_fault/:fault_id', (request) => {
    const { fault_id: id } = parseFields(faultParams, request.params);
    const removedCount = run.removeFaults(id, clock.nowMs());
    if (removedCount === 0) throw notFound(`no fault ${id.slice(0, 40)}`);
    return { removedCount };
  });
}

/** The current step, the same for whoever asks, so that a killed client can go on with it. */
function wireStep({ run, clock }: ExchangeContext) {
  const { atMs, marketDate, phase, bars } = run.steps.current;
  const { openAtMs, closeAtMs } = run.steps.currentDay;
  const { sent, produced } = run.lastEventIds;
  return {
    timestamp: wireInstant(atMs),
    marketDate,
    phase,
    bars: bars.map(exactBar),
    lastEventId: sent,
    lastProducedEventId: produced,
    mode: clock.mode,
    speed: clock.speed,
    isPaused: clock.isPaused,
    now: wireInstant(clock.nowMs()),
    openAt: wireInstant(openAtMs),
    closeAt: wireInstant(closeAtMs),
  };
}

/** Decimal strings: what decides an order should not pass through floating point. */
function exactBar(bar: Bar) {
  return {
    symbol: bar.symbol,
    t: wireInstant(bar.startAtMs),
    o: formatPrice(bar.open),
    h: formatPrice(bar.high),
    l: formatPrice(bar.low),
    c: formatPrice(bar.close),
    v: formatQuantity(bar.volume),
  };
}

function clockAction(body: z.infer<typeof clockBody>): ClockAction {
  if (body.action === 'done') return { action: 'done', throughMs: body.through };
  return body.action === 'step' ? { action: 'step', toMs: body.to ?? null } : body;
}
