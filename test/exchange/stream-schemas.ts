import { z } from 'zod';

/** Frames of both streams as the broker's wire is known to carry them, and nothing beside. */
const decimal = z.string().regex(/^-?\d+(?:\.\d{1,9})?$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/);
const uuid = z.uuid();

const order = z.strictObject({
  id: uuid,
  client_order_id: z.string().min(1).max(128),
  created_at: instant,
  updated_at: instant,
  submitted_at: instant,
  filled_at: instant.nullable(),
  expired_at: instant.nullable(),
  expires_at: instant,
  canceled_at: instant.nullable(),
  failed_at: instant.nullable(),
  replaced_at: instant.nullable(),
  replaced_by: uuid.nullable(),
  replaces: uuid.nullable(),
  asset_id: uuid,
  symbol: z.string(),
  asset_class: z.literal('us_equity'),
  notional: decimal.nullable(),
  qty: decimal.nullable(),
  filled_qty: decimal,
  filled_avg_price: decimal.nullable(),
  order_class: z.enum(['', 'bracket', 'oco', 'oto']),
  order_type: z.enum(['market', 'limit', 'stop', 'stop_limit']),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit']),
  side: z.enum(['buy', 'sell']),
  position_intent: z.enum(['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']),
  time_in_force: z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']),
  limit_price: decimal.nullable(),
  stop_price: decimal.nullable(),
  status: z.enum([
    'pending_new',
    'accepted',
    'new',
    'held',
    'partially_filled',
    'filled',
    'canceled',
    'expired',
    'replaced',
    'rejected',
    'pending_cancel',
    'pending_replace',
  ]),
  extended_hours: z.boolean(),
  legs: z.null(),
  trail_percent: z.null(),
  trail_price: z.null(),
  hwm: z.null(),
  subtag: z.null(),
  source: z.null(),
});

const common = {
  event_id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/),
  at: instant,
  timestamp: instant,
  order,
};
const receipt = z.strictObject({
  ...common,
  event: z.enum(['pending_new', 'accepted', 'held']),
  execution_id: z.null(),
});
const change = z.strictObject({
  ...common,
  event: z.enum([
    'new',
    'canceled',
    'expired',
    'replaced',
    'rejected',
    'pending_cancel',
    'pending_replace',
    'order_cancel_rejected',
    'order_replace_rejected',
  ]),
  execution_id: uuid,
});
const execution = { execution_id: uuid, price: decimal, qty: decimal, position_qty: decimal };
const fill = z.strictObject({
  ...common,
  ...execution,
  event: z.enum(['fill', 'partial_fill']),
});
const tradeChange = z.strictObject({
  ...common,
  ...execution,
  event: z.enum(['trade_bust', 'trade_correct']),
  previous_execution_id: uuid,
});

const authorization = z.strictObject({
  status: z.enum(['authorized', 'unauthorized']),
  action: z.enum(['authenticate', 'listen']),
});
const tradingFrame = z.union([
  z.strictObject({ stream: z.literal('authorization'), data: authorization }),
  z.strictObject({
    stream: z.literal('listening'),
    data: z.strictObject({ streams: z.array(z.literal('trade_updates')) }),
  }),
  z.strictObject({
    action: z.literal('error'),
    data: z.strictObject({ error_message: z.string() }),
  }),
  z.strictObject({
    stream: z.literal('trade_updates'),
    data: z.discriminatedUnion('event', [receipt, change, fill, tradeChange]),
  }),
]);

const amount = z.number().nonnegative();
const symbols = z.array(z.string());
const dataFrame = z.discriminatedUnion('T', [
  z.strictObject({ T: z.literal('success'), msg: z.enum(['connected', 'authenticated']) }),
  z.strictObject({ T: z.literal('error'), code: z.int().min(400).max(500), msg: z.string() }),
  z.strictObject({
    T: z.literal('subscription'),
    trades: symbols,
    quotes: symbols,
    bars: symbols,
    updatedBars: symbols,
    dailyBars: symbols,
    statuses: symbols,
    lulds: symbols,
  }),
  z.strictObject({
    T: z.literal('b'),
    S: z.string(),
    t: instant,
    o: amount,
    h: amount,
    l: amount,
    c: amount,
    v: amount,
    n: amount,
    vw: amount,
  }),
  z.strictObject({
    T: z.literal('q'),
    S: z.string(),
    t: instant,
    bx: z.string(),
    bp: amount,
    bs: amount,
    ax: z.string(),
    ap: amount,
    as: amount,
    c: z.array(z.string()),
    z: z.string(),
  }),
  z.strictObject({
    T: z.literal('t'),
    S: z.string(),
    t: instant,
    x: z.string(),
    p: amount,
    s: amount,
    c: z.array(z.string()),
    i: z.int(),
    z: z.string(),
  }),
]);

/** What is wrong with a frame; null when it is as the wire has it. */
export function frameFault(frame: unknown): string | null {
  const isData = typeof frame === 'object' && frame !== null && 'T' in frame;
  const parsed = (isData ? dataFrame : tradingFrame).safeParse(frame);
  return parsed.success ? null : `${JSON.stringify(frame)}: ${z.prettifyError(parsed.error)}`;
}
