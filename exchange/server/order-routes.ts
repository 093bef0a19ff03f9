import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NANOS_PER_UNIT } from '../../domain/values/index.js';
import {
  type AccountView,
  isOpen,
  type OrderRequest,
  type PlaceResult,
  type VenueOrder,
} from '../matching/index.js';
import type { Treatment } from '../run/command.js';
import { wireGroup, type WireOrder, wireOrder } from '../wire/order.js';
import { ApiFailure, failureOf, notFound, INVALID_FIELD, FORBIDDEN } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { treatmentOf } from './fault-answer.js';
import { listOrders, orderListQuery } from './order-listing.js';
import { booleanQuery } from './query.js';
import { parseFields, readOrderChange, readOrderRequest } from './order-request.js';

const orderParams = z.object({ order_id: z.string() });
const clientIdQuery = z.object({ client_order_id: z.string().min(1) });
const nestedQuery = z.object({ nested: booleanQuery });
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Orders of the trading API: place, list, look up, replace, cancel. */
export function addOrderRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock } = exchange;
  app.post('/v2/orders', (request) => {
    const order = readOrderRequest(request.body, exchange.symbols);
    const placed = placeOrder(exchange, order, treatmentOf(request.fault));
    const legs = placed.legs.map((leg) => wireOrder(leg));
    return wireOrder(placed.order, legs.length === 0 ? null : legs);
  });
  app.get('/v2/orders', (request) => {
    const query = parseFields(orderListQuery, request.query);
    clock.nowMs();
    const view = run.viewFor(request.fault);
    return listOrders(view.book.all(), query).map((order) =>
      query.nested === true ? groupOf(view, order) : wireOrder(order),
    );
  });
  app.get('/v2/orders::by_client_order_id', (request) => {
    const query = parseFields(clientIdQuery, request.query);
    clock.nowMs();
    const { book } = run.viewFor(request.fault);
    const order = book.findByClientOrderId(query.client_order_id);
    if (order === null || isMissed(request)) throw notFound('order not found');
    return wireOrder(order);
  });
  app.get('/v2/orders/:order_id', (request) => {
    const { nested } = parseFields(nestedQuery, request.query);
    const view = run.viewFor(request.fault);
    const order = orderOf(exchange, request.params, view);
    if (isMissed(request)) throw notFound(`order not found for ${order.id}`);
    return nested === true ? groupOf(view, order) : wireOrder(order);
  });
  app.patch('/v2/orders/:order_id', (request) => {
    const old = orderOf(exchange, request.params);
    const change = readOrderChange(request.body, old.type);
    const atMs = clock.stampMs();
    const treatment = treatmentOf(request.fault);
    const asked = { orderId: old.id, change, atMs };
    const result = run.replace(treatment === undefined ? asked : { ...asked, treatment });
    return groupOf(run.engine, taken(result).order);
  });
  app.delete('/v2/orders/:order_id', (request, reply) => {
    const order = orderOf(exchange, request.params);
    taken(run.cancel(order.id, clock.stampMs(), treatmentOf(request.fault)));
    reply.code(204).send();
  });
  app.delete('/v2/orders', (request, reply) => {
    clock.nowMs();
    reply.code(207).send(cancelAllOrders(exchange, treatmentOf(request.fault)));
  });
}

/** An order that was taken. */
export type PlacedOrder = Extract<PlaceResult, { ok: true }>;

/** Takes an order by the account's own rules and the venue's, or throws the broker's answer. */
export function placeOrder(
  exchange: ExchangeContext,
  order: OrderRequest,
  treatment?: Treatment,
): PlacedOrder {
  const { run, clock } = exchange;
  const { configuration } = run;
  const { suspend_trade: isSuspended, no_shorting: isLongOnly } = configuration;
  if (isSuspended) throw forbidden('new orders are rejected by user request');
  const isFraction = order.quantity % NANOS_PER_UNIT !== 0 || (order.notional ?? null) !== null;
  if (isFraction && !configuration.fractional_trading) {
    throw forbidden('fractional trading is disabled for this account');
  }
  const held = run.engine.ledger.position(order.symbol)?.signedNanos ?? 0;
  if (isLongOnly && order.side === 'sell' && held <= 0) {
    throw forbidden('account is not allowed to short');
  }
  return taken(run.place(order, clock.stampMs(), treatment));
}

/** One line of the answer to a cancel of everything. */
export interface CancelLine {
  readonly id: string;
  readonly status: number;
  readonly body?: ApiFailure['envelope'];
}

/**
 * Cancels every open order; each gets its own status. An order that went with its group counts as
 * canceled.
 */
export function cancelAllOrders(
  exchange: ExchangeContext,
  treatment?: Treatment,
): readonly CancelLine[] {
  const { run, clock } = exchange;
  return run.engine.book.open().map(({ id }): CancelLine => {
    if (!isOpen(run.engine.book.get(id))) return { id, status: 200 };
    const result = run.cancel(id, clock.stampMs(), treatment);
    if (result.ok) return { id, status: 200 };
    const failure = failureOf(result.refusal);
    return { id, status: failure.kind.status, body: failure.envelope };
  });
}

function groupOf({ book }: AccountView, order: VenueOrder): WireOrder {
  return wireGroup(order, (id) => book.get(id));
}

function isMissed(request: FastifyRequest): boolean {
  return request.fault?.action.kind === 'lookup_miss';
}

function orderOf(
  { run, clock }: ExchangeContext,
  params: unknown,
  view: AccountView = run.engine,
): VenueOrder {
  const { order_id: id } = parseFields(orderParams, params);
  if (!UUID.test(id)) throw new ApiFailure(INVALID_FIELD, 'order_id is missing');
  clock.nowMs();
  const order = view.book.find(id);
  if (order === null) throw notFound(`order not found for ${id}`);
  return order;
}

function taken(result: PlaceResult): PlacedOrder {
  if (!result.ok) throw failureOf(result.refusal);
  return result;
}

function forbidden(message: string): ApiFailure {
  return new ApiFailure(FORBIDDEN, message);
}
