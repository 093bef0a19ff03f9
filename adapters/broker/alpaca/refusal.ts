import { isRecord, parseJson, UnreadableBody, type WireRecord } from './wire-record.js';

/** Why the broker said no, in words of ours that do not change when theirs do. */
export type RefusalCode =
  | 'duplicate_client_order_id'
  | 'insufficient_buying_power'
  | 'insufficient_quantity'
  | 'wash_trade'
  | 'trading_suspended'
  | 'invalid_price'
  | 'shorting_refused'
  | 'asset_not_tradable'
  | 'order_not_replaceable'
  | 'order_not_changed'
  | `broker_${string}`
  | 'unrecognized';

/** The broker's error envelope, as far as it can be read. */
export interface BrokerErrorBody {
  readonly code: string | null;
  readonly message: string;
  readonly members: WireRecord;
}

interface RefusalRule {
  readonly code: RefusalCode;
  readonly fits: (body: BrokerErrorBody) => boolean;
}

/**
 * The first rule that fits names the refusal. The broker's own code tells little (40310000 stands
 * for buying power, held quantity, wash trades and more): its extra members and its words do.
 */
const RULES: readonly RefusalRule[] = [
  { code: 'duplicate_client_order_id', fits: says(/client_order_id must be unique/i) },
  {
    code: 'wash_trade',
    fits: ({ members, message }) => 'existing_order_id' in members || /wash trade/i.test(message),
  },
  {
    code: 'insufficient_quantity',
    fits: ({ members, message }) =>
      'held_for_orders' in members || /insufficient qty|insufficient balance/i.test(message),
  },
  {
    code: 'insufficient_buying_power',
    fits: ({ members, message }) => 'buying_power' in members || /buying power/i.test(message),
  },
  {
    code: 'trading_suspended',
    fits: says(
      /rejected by user request|trading is (blocked|suspended)|account is (blocked|restricted)/i,
    ),
  },
  { code: 'invalid_price', fits: says(/sub-?penny|invalid (limit|stop)_price|_price must be/i) },
  { code: 'shorting_refused', fits: says(/not allowed to short|cannot be sold short/i) },
  {
    code: 'order_not_replaceable',
    fits: says(/order is already in|(cannot|unable to) (be )?replace|cannot be replaced/i),
  },
  { code: 'order_not_changed', fits: says(/parameters are not changed/i) },
  {
    code: 'asset_not_tradable',
    fits: says(/asset .*(not found|not active|not tradable)|could not find asset/i),
  },
];

/** The stable code of a refusal: by name, else by the broker's number, else `unrecognized`. */
export function refusalCodeOf(body: BrokerErrorBody): RefusalCode {
  const rule = RULES.find(({ fits }) => fits(body));
  if (rule !== undefined) return rule.code;
  return body.code === null ? 'unrecognized' : `broker_${body.code}`;
}

/**
 * Reads `{code, message, …}`; null when the text is no such envelope (a gateway's page, a cut
 * answer).
 */
export function readErrorBody(text: string): BrokerErrorBody | null {
  const members = parseRecord(text);
  const message = members?.['message'];
  if (members === null || typeof message !== 'string') return null;
  const code = members['code'];
  const hasCode = typeof code === 'number' || (typeof code === 'string' && code !== '');
  return { code: hasCode ? String(code) : null, message, members };
}

/**
 * Whether an answer says that the keys are wrong or may not do this, and not that an order is
 * unwanted.
 */
export function isAuthRefusal(status: number, body: BrokerErrorBody | null): boolean {
  if (status === 401) return true;
  if (status !== 403 || body === null) return false;
  return (
    body.code?.startsWith('4011') === true ||
    /^forbidden\.?$|access key verification failed|not authorized/i.test(body.message)
  );
}

function says(words: RegExp): (body: BrokerErrorBody) => boolean {
  return ({ message }) => words.test(message);
}

function parseRecord(text: string): WireRecord | null {
  try {
    const value = parseJson(text);
    return isRecord(value) ? value : null;
  } catch (error) {
    if (error instanceof UnreadableBody) return null;
    throw error;
  }
}
