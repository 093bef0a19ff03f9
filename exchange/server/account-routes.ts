import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { quantity } from '../../domain/values/index.js';
import {
  type AccountView,
  heldQuantity,
  type OrderRequest,
  type VenuePosition,
} from '../matching/index.js';
import { accountConfigurationSchema } from '../run/account-configuration.js';
import { assetIdOf } from '../wire/asset.js';
import { wireOrder } from '../wire/order.js';
import { wireAccount, wirePosition } from './account-view.js';
import { ApiFailure, notFound, unprocessable } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { treatmentOf } from './fault-answer.js';
import { cancelAllOrders, placeOrder } from './order-routes.js';
import { parseFields, quantityField } from './order-request.js';
import { booleanQuery } from './query.js';

const positionParams = z.object({ symbol_or_asset_id: z.string() });
const closeQuery = z.object({ qty: z.string().optional(), percentage: z.string().optional() });
const closeAllQuery = z.object({ cancel_orders: booleanQuery });

/** Account, its configuration and its positions. */
export function addAccountRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock } = exchange;
  app.get('/v2/account', (request) => {
    clock.nowMs();
    return wireAccount(run, run.viewFor(request.fault));
  });
  app.get('/v2/account/configurations', () => run.configuration);
  app.patch('/v2/account/configurations', (request) => {
    const change = parseFields(accountConfigurationSchema.partial(), request.body ?? {});
    const merged = accountConfigurationSchema.parse({ ...run.configuration, ...change });
    run.configure(merged, clock.stampMs());
    return merged;
  });
  app.get('/v2/positions', (request) => {
    clock.nowMs();
    const view = run.viewFor(request.fault);
    const date = run.steps.current.marketDate;
    return view.ledger.allPositions().map((position) => wirePosition(view, position, date));
  });
  app.get('/v2/positions/:symbol_or_asset_id', (request) => {
    clock.nowMs();
    const view = run.viewFor(request.fault);
    const position = positionOf(view, request.params);
    return wirePosition(view, position, run.steps.current.marketDate);
  });
  app.delete('/v2/positions/:symbol_or_asset_id', (request) => {
    const position = positionOf(run.engine, request.params);
    const units = closingQuantity(position, parseFields(closeQuery, request.query));
    const order = closingOrder(position, units);
    return wireOrder(placeOrder(exchange, order, treatmentOf(request.fault)).order);
  });
  app.delete('/v2/positions', (request, reply) => {
    const query = parseFields(closeAllQuery, request.query);
    if (query.cancel_orders === true) cancelAllOrders(exchange, treatmentOf(request.fault));
    const positions = run.engine.ledger.allPositions();
    reply.code(207).send(positions.map((position) => closeWhole(exchange, position)));
  });
}

function closeWhole(exchange: ExchangeContext, position: VenuePosition) {
  const { symbol } = position;
  try {
    const { order } = placeOrder(exchange, closingOrder(position, heldQuantity(position)));
    return { symbol, status: 200, body: wireOrder(order) };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { symbol, status: error.kind.status, body: error.envelope };
  }
}

function positionOf({ ledger }: AccountView, params: unknown): VenuePosition {
  const { symbol_or_asset_id: name } = parseFields(positionParams, params);
  const positions = ledger.allPositions();
  const found = positions.find(({ symbol }) => symbol === name || assetIdOf(symbol) === name);
  if (found === undefined) throw notFound('position does not exist');
  return found;
}

function closingQuantity(
  position: VenuePosition,
  query: z.infer<typeof closeQuery>,
): OrderRequest['quantity'] {
  const held = heldQuantity(position);
  if (query.qty !== undefined && query.percentage !== undefined) {
    throw unprocessable('qty and percentage exclude one another');
  }
  if (query.qty !== undefined) return quantityField(plain(query.qty));
  if (query.percentage === undefined) return held;
  const percentage = quantityField(plain(query.percentage));
  const share = (BigInt(held) * BigInt(percentage)) / 100_000_000_000n;
  if (share <= 0n || share > BigInt(held))
    throw unprocessable('percentage must be > 0, at most 100');
  return quantity(Number(share));
}

/** Clients write tiny numbers with an exponent. */
function plain(text: string): string | number {
  return /e/i.test(text) ? Number(text) : text;
}

function closingOrder(position: VenuePosition, units: OrderRequest['quantity']): OrderRequest {
  return {
    clientOrderId: null,
    symbol: position.symbol,
    side: position.signedNanos < 0 ? 'buy' : 'sell',
    type: 'market',
    timeInForce: 'day',
    quantity: units,
    limitPrice: null,
    stopPrice: null,
    extendedHours: false,
  };
}
