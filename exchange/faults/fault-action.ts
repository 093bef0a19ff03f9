import { z } from 'zod';
import { parsePrice } from '../../domain/values/index.js';

const DELAY_MS_MAX = 600_000;
const delayMs = z.number().int().min(1).max(DELAY_MS_MAX);
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,60}$/);
const headerValue = z.string().regex(/^[\x20-\x7e]{0,200}$/);

const priceText = z
  .string()
  .max(30)
  .refine((text) => parsePrice(text) !== null, 'expected a price above 0');

function plain<Kind extends string>(kind: Kind) {
  return z.strictObject({ kind: z.literal(kind) });
}

/** What goes wrong with a request of the broker's API. */
export const requestActionSchema = z.discriminatedUnion('kind', [
  /** The socket dies; nothing was looked at. */
  plain('drop_before'),
  /** Done, then the socket dies. */
  plain('execute_then_drop'),
  /** So many wall milliseconds late: before it is done, or after. */
  z.strictObject({
    kind: z.literal('delay'),
    delayMs,
    when: z.enum(['before', 'after']).default('before'),
  }),
  /** Another answer: a text as it is, anything else as JSON. Done all the same if `isExecuted`. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    body: z.json(),
    headers: z.record(headerName, headerValue).default({}),
    isExecuted: z.boolean().default(false),
  }),
  /** Done; the answer breaks off in the middle of its JSON. */
  plain('truncate_json'),
  /** Done; the answer is no JSON at all. */
  plain('garbage'),
  /** Done; the answer is JSON of nobody's shape. */
  plain('wrong_shape'),
  /** Answered from the account as it was when this fault was put. */
  plain('stale_read'),
  /** An order that exists is not found. */
  plain('lookup_miss'),
  /** The account shows no money at all. */
  plain('zero_account'),
  /** The order, cancel or replacement is taken and stays pending until this fault is removed. */
  plain('pend_forever'),
  /** Answered with success; then the order, cancel or replacement is rejected. */
  plain('reject_later'),
  /** The first fill of the order is of this many whole units, unless fewer are ordered. */
  z.strictObject({ kind: z.literal('force_partial'), units: z.number().int().min(1).max(1e6) }),
]);
export type RequestAction = z.infer<typeof requestActionSchema>;

/** What goes wrong with a frame of the trade-updates stream. */
export const eventActionSchema = z.discriminatedUnion('kind', [
  plain('mute_event'),
  plain('dup_event'),
  /** Sent after the frame that follows it. */
  plain('reorder_events'),
  z.strictObject({ kind: z.literal('delay_event'), delayMs }),
  /** Sent without its order. */
  plain('wrong_shape_event'),
  plain('garbage_event'),
  /** Never sent: every listener is cut off instead. */
  plain('cut_stream'),
]);
export type EventAction = z.infer<typeof eventActionSchema>;

/** What goes wrong with a connection of a stream. */
export const streamActionSchema = z.discriminatedUnion('kind', [
  /** The upgrade is never answered. */
  plain('hung_handshake'),
  /** Keys are never answered. */
  plain('silent_auth'),
  /** Right keys are called wrong. */
  plain('auth_flap'),
  /** A wish to listen is never answered, and never obeyed. */
  plain('silent_listen'),
]);
export type StreamAction = z.infer<typeof streamActionSchema>;

/** What the venue does at once to the last execution of an order. */
export const tradeActionSchema = z.discriminatedUnion('kind', [
  plain('bust'),
  z.strictObject({ kind: z.literal('correct'), price: priceText }),
]);
export type TradeAction = z.infer<typeof tradeActionSchema>;
