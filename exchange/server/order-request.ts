import { z } from 'zod';
import {
  formatPrice,
  type Price,
  parsePrice,
  parseQuantity,
  parseUsd,
  type Quantity,
  quantity,
  ZERO_QUANTITY,
} from '../../domain/values/index.js';
import type { OrderChange, OrderRequest, StopLoss } from '../matching/index.js';
import { NANOS_PER_CENT } from '../market/market-source.js';
import { ApiFailure, unprocessable, UNPROCESSABLE } from './api-failure.js';

const amount = z.union([z.string().max(40), z.number()]);
const timeInForce = z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']);
const clientOrderId = z.string().min(1).max(128);

const orderBody = z.object({
  client_order_id: clientOrderId.nullish(),
  symbol: z.string().min(1),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit']),
  time_in_force: timeInForce,
  qty: amount.nullish(),
  notional: amount.nullish(),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  extended_hours: z.boolean().nullish(),
  order_class: z.enum(['', 'simple', 'bracket', 'oco', 'oto']).nullish(),
  take_profit: z.object({ limit_price: amount }).nullish(),
  stop_loss: z.object({ stop_price: amount, limit_price: amount.nullish() }).nullish(),
  position_intent: z
    .enum(['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close'])
    .nullish(),
});
type OrderBody = z.infer<typeof orderBody>;

const changeBody = z.object({
  client_order_id: clientOrderId.nullish(),
  qty: amount.nullish(),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  time_in_force: timeInForce.nullish(),
});

/** What this exchange does not trade; said by name instead of being ignored. */
const unavailableBody = z.object({
  trail: z.null().optional(),
  trail_price: z.null().optional(),
  trail_percent: z.null().optional(),
  legs: z.null().optional(),
});

const MICROS_PER_CENT = 10_000;
const NANOS_PER_DOLLAR = 1_000_000_000;
const NANOS_PER_CENT_HUNDREDTH = NANOS_PER_CENT / 100;

/** The order in a POST body, or the broker's refusal of it. */
export function readOrderRequest(body: unknown, symbols: readonly string[]): OrderRequest {
  const fields = parseFields(orderBody, body);
  parseFields(unavailableBody, body);
  if (!symbols.includes(fields.symbol)) {
    throw unprocessable(`asset "${fields.symbol}" not found`);
  }
  const orderClass = fields.order_class === '' ? 'simple' : (fields.order_class ?? 'simple');
  const takeProfit = priceField('take_profit.limit_price', fields.take_profit?.limit_price);
  const ownLimit = priceField('limit_price', fields.limit_price);
  const limitPrice = orderClass === 'oco' ? (ownLimit ?? takeProfit) : ownLimit;
  const stopPrice = priceField('stop_price', fields.stop_price);
  checkPrices({ type: fields.type, limitPrice, stopPrice, areNeeded: true });
  if (stopPrice !== null && !['day', 'gtc'].includes(fields.time_in_force)) {
    throw unprocessable('stop orders must be DAY or GTC orders');
  }
  return {
    clientOrderId: fields.client_order_id ?? null,
    symbol: fields.symbol,
    side: fields.side,
    type: fields.type,
    timeInForce: fields.time_in_force,
    ...readSize(fields),
    limitPrice,
    stopPrice,
    extendedHours: readExtendedHours(fields),
    orderClass,
    takeProfit,
    stopLoss: readStopLoss(fields),
    positionIntent: fields.position_intent ?? null,
  };
}

/** Units or dollars, exactly one of them. */
function readSize(fields: OrderBody): Pick<OrderRequest, 'quantity' | 'notional'> {
  const units = fields.qty ?? null;
  const dollars = fields.notional ?? null;
  if (units !== null && dollars !== null) {
    throw unprocessable('only one of qty or notional is accepted');
  }
  if (units !== null) return { quantity: quantityField(units), notional: null };
  if (dollars === null) throw unprocessable('qty or notional is required');
  const text = typeof dollars === 'number' ? plainDecimal(dollars) : dollars;
  const notional = parseUsd(text);
  if (notional === null || notional <= 0) throw unprocessable('notional must be > 0');
  if (notional % MICROS_PER_CENT !== 0) {
    throw unprocessable('notional value must be limited to 2 decimal places');
  }
  return { quantity: ZERO_QUANTITY, notional };
}

function readExtendedHours(fields: OrderBody): boolean {
  const isAsked = fields.extended_hours ?? false;
  const isLimit = fields.type === 'limit' && ['day', 'gtc'].includes(fields.time_in_force);
  if (isAsked && !isLimit) {
    throw unprocessable('extended hours order must be DAY or GTC limit orders');
  }
  return isAsked;
}

function readStopLoss(fields: OrderBody): StopLoss | null {
  const { stop_loss: stopLoss } = fields;
  const stopPrice = priceField('stop_loss.stop_price', stopLoss?.stop_price);
  const limitPrice = priceField('stop_loss.limit_price', stopLoss?.limit_price);
  return stopPrice === null ? null : { stopPrice, limitPrice };
}

/** The change in a PATCH body. Prices must fit the type of the order that is replaced. */
export function readOrderChange(body: unknown, type: OrderRequest['type']): OrderChange {
  const fields = parseFields(changeBody, body ?? {});
  const limitPrice = priceField('limit_price', fields.limit_price);
  const stopPrice = priceField('stop_price', fields.stop_price);
  checkPrices({ type, limitPrice, stopPrice, areNeeded: false });
  return {
    clientOrderId: fields.client_order_id ?? null,
    quantity: fields.qty === undefined || fields.qty === null ? null : quantityField(fields.qty),
    limitPrice,
    stopPrice,
    timeInForce: fields.time_in_force ?? null,
  };
}

/** A body or query against a schema, or a 422 that names the first member that does not fit. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const member = issue?.path.join('.') ?? '';
  const isMissing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined');
  if (isMissing && member !== '') throw unprocessable(`${member} is required`);
  throw unprocessable(`invalid ${member === '' ? 'request body' : member}: ${issue?.message}`);
}

/** A quantity as the broker reads it: digits after the ninth are cut. */
export function quantityField(value: string | number): Quantity {
  const text = typeof value === 'number' ? plainDecimal(value) : value;
  const parsed = parseQuantity(text.replace(/(\.\d{9})\d+$/, '$1'));
  if (!parsed.ok) throw unprocessable(`invalid qty ${text.slice(0, 40)}`);
  if (parsed.value === 0) throw unprocessable('qty must be > 0');
  return quantity(parsed.value);
}

function priceField(name: string, value: string | number | null | undefined): Price | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' ? plainDecimal(value) : value;
  const parsed = parsePrice(text);
  if (parsed === null) throw new ApiFailure(UNPROCESSABLE, `${name} must be > 0`);
  const increment = parsed >= NANOS_PER_DOLLAR ? NANOS_PER_CENT : NANOS_PER_CENT_HUNDREDTH;
  if (parsed % increment !== 0) {
    throw unprocessable(
      `invalid ${name} ${formatPrice(parsed)}. ` +
        'sub-penny increment does not fulfill minimum pricing criteria',
    );
  }
  return parsed;
}

/** Each type has its prices: others are refused, and so are missing ones where they are needed. */
function checkPrices(order: {
  readonly type: OrderRequest['type'];
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly areNeeded: boolean;
}): void {
  const { type, areNeeded } = order;
  const prices = [
    ['limit_price', order.limitPrice, type.includes('limit')],
    ['stop_price', order.stopPrice, type.includes('stop')],
  ] as const;
  for (const [name, value, belongs] of prices) {
    const isMissing = belongs && areNeeded && value === null;
    if (isMissing) throw unprocessable(`${type} orders require ${name}`);
    if (!belongs && value !== null) throw unprocessable(`${type} orders require no ${name}`);
  }
}

/** A JSON number without exponent; what nine decimals cannot hold is cut. */
function plainDecimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
