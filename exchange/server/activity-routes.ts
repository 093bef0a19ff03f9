import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type EpochMs, formatPrice, formatQuantity } from '../../domain/values/index.js';
import type { FillRecord } from '../run/exchange-run.js';
import { newYorkDigits, wireInstant } from '../wire/instant.js';
import { unprocessable } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { parseFields } from './order-request.js';
import { countQuery, instantQuery, listQuery } from './query.js';

const activityParams = z.object({ activity_type: z.string().optional() });
const activityQuery = z.object({
  activity_types: listQuery,
  category: z.enum(['trade_activity', 'non_trade_activity']).optional(),
  date: z.string().optional(),
  after: instantQuery,
  until: instantQuery,
  direction: z.enum(['asc', 'desc']).default('desc'),
  page_size: countQuery({ min: 1, max: 100, byDefault: 100 }),
  page_token: z.string().optional(),
});
type ActivityQuery = z.infer<typeof activityQuery>;

/**
 * Account activities: the fills, newest first unless asked otherwise, paged by the last id seen.
 */
export function addActivityRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock } = exchange;
  const list = (params: unknown, query: unknown) => {
    clock.nowMs();
    const { activity_type: type } = parseFields(activityParams, params);
    const fields = parseFields(activityQuery, query);
    const types = type === undefined ? fields.activity_types : [type];
    const isOfFills = types === undefined || types.includes('FILL') || types.includes('TRD');
    if (!isOfFills || fields.category === 'non_trade_activity') return [];
    return pageOf(run.fills, fields).map(wireFill);
  };
  app.get('/v2/account/activities', (request) => list({}, request.query));
  app.get('/v2/account/activities/:activity_type', (request) =>
    list(request.params, request.query),
  );
}

function pageOf(fills: readonly FillRecord[], query: ActivityQuery): readonly FillRecord[] {
  const kept = fills.filter((fill) => isWithin(fill.atMs, query));
  const sorted = query.direction === 'asc' ? kept : kept.toReversed();
  const tokenIndex = sorted.findIndex((fill) => activityIdOf(fill) === query.page_token);
  if (query.page_token !== undefined && tokenIndex < 0) throw unprocessable('invalid page_token');
  return sorted.slice(tokenIndex + 1, tokenIndex + 1 + query.page_size);
}

function isWithin(atMs: EpochMs, query: ActivityQuery): boolean {
  const digits = query.date?.slice(0, 10).replaceAll('-', '');
  return (
    (query.after === undefined || atMs > query.after) &&
    (query.until === undefined || atMs < query.until) &&
    (digits === undefined || newYorkDigits(atMs).startsWith(digits))
  );
}

function activityIdOf(fill: FillRecord): string {
  return `${newYorkDigits(fill.atMs)}::${fill.activityId}`;
}

function wireFill(fill: FillRecord) {
  return {
    id: activityIdOf(fill),
    activity_type: 'FILL',
    transaction_time: wireInstant(fill.atMs),
    type: fill.leavesQuantity === 0 ? 'fill' : 'partial_fill',
    price: formatPrice(fill.price),
    qty: formatQuantity(fill.quantity),
    side: fill.side,
    symbol: fill.symbol,
    leaves_qty: formatQuantity(fill.leavesQuantity),
    order_id: fill.orderId,
    cum_qty: formatQuantity(fill.cumulativeQuantity),
    order_status: fill.orderStatus,
  };
}
