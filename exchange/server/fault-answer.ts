import type { RequestAction } from '../faults/fault-action.js';
import type { FiredFault } from '../faults/fault-table.js';
import type { Treatment } from '../run/command.js';
import { wholeUnits } from '../../domain/values/index.js';

const MONEY_MEMBERS = [
  'cash',
  'equity',
  'last_equity',
  'portfolio_value',
  'buying_power',
  'effective_buying_power',
  'regt_buying_power',
  'non_marginable_buying_power',
  'long_market_value',
  'short_market_value',
  'position_market_value',
  'initial_margin',
  'maintenance_margin',
  'sma',
] as const;

/** What a client reads instead of the payload of an answer. */
export function spoiledPayload(action: RequestAction, payload: unknown): unknown {
  const text = typeof payload === 'string' ? payload : '';
  switch (action.kind) {
    case 'status':
      return typeof action.body === 'string' ? action.body : JSON.stringify(action.body);
    case 'truncate_json':
      return text.slice(0, Math.floor(text.length / 2));
    case 'garbage':
      return '\u0000\u0001 upstream connect error or disconnect/reset before headers {{{';
    case 'wrong_shape':
      return JSON.stringify({ data: { value: [1, null, 'x'] } });
    case 'zero_account':
      return withoutMoney(text);
    default:
      return payload;
  }
}

/** The type of a body that a fault puts in place of the answer. */
export function contentTypeOf(body: unknown): string {
  if (typeof body !== 'string') return 'application/json; charset=utf-8';
  return body.trimStart().startsWith('<') ? 'text/html' : 'text/plain';
}

/** What a fault makes of an order, a cancel or a replacement that is said yes to. */
export function treatmentOf(fault: FiredFault | null): Treatment | undefined {
  if (fault === null) return undefined;
  const { id: faultId, action } = fault;
  switch (action.kind) {
    case 'pend_forever':
      return { faultId, handling: 'stuck' };
    case 'reject_later':
      return { faultId, handling: 'reject' };
    case 'force_partial':
      return { faultId, handling: 'normal', firstPart: wholeUnits(action.units) };
    default:
      return undefined;
  }
}

/** Only an account has money to lose: any other answer stays what it is. */
function withoutMoney(text: string): string {
  const body: unknown = JSON.parse(text === '' ? 'null' : text);
  if (typeof body !== 'object' || body === null || !('cash' in body)) return text;
  const zeros = Object.fromEntries(MONEY_MEMBERS.map((member) => [member, '0']));
  return JSON.stringify({ ...body, ...zeros });
}
