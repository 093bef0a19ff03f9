import type { OrderType, Side, TimeInForce } from '../../domain/order/index.js';
import { type Price, ZERO_QUANTITY } from '../../domain/values/index.js';
import {
  type DenyCode,
  newManualOrderId,
  parseClientOrderId,
  revisionBaseOf,
} from '../../workers/reference.js';
import { UsageFault } from '../failure.js';
import {
  type FlagResult,
  Faults,
  quoted,
  readAmount,
  readChoice,
  readPrice,
  readQuantity,
  readSymbol,
} from '../flag-values.js';
import type { ManualOrder } from '../ports.js';
import { type ExitFlags, readExits } from './exit-flags.js';

/** The flags of `order submit` as a person wrote them. */
export interface ManualOrderFlags extends ExitFlags {
  readonly symbol?: string;
  readonly side?: string;
  readonly qty?: string;
  readonly notional?: string;
  readonly type?: string;
  readonly limit?: string;
  readonly stop?: string;
  readonly tif?: string;
  readonly id?: string;
  readonly extendedHours?: boolean;
}

export const SIDES: readonly Side[] = ['buy', 'sell'];
export const ORDER_TYPES: readonly OrderType[] = ['market', 'limit', 'stop', 'stop_limit'];
export const TIMES_IN_FORCE: readonly TimeInForce[] = ['day', 'gtc', 'ioc', 'fok', 'opg', 'cls'];

/** Values that cannot be an order's, each under the code that it is denied with. */
const UNREADABLE = [
  'unknown_symbol',
  'invalid_quantity',
  'invalid_amount',
  'invalid_price',
  'invalid_exit_price',
  'invalid_time_in_force',
] as const satisfies readonly DenyCode[];

type Unreadable = Readonly<Record<(typeof UNREADABLE)[number], Faults>>;

interface RequiredFlag<Value> {
  readonly name: string;
  readonly text: string | undefined;
  readonly read: (name: string, text: string) => FlagResult<Value>;
}

export type ReadOrder =
  | { readonly kind: 'order'; readonly order: ManualOrder }
  /** A wish that no order can stand for: a value of it is none. */
  | {
      readonly kind: 'denied';
      readonly clientOrderId: string;
      readonly code: DenyCode;
      readonly message: string;
    };

/**
 * The order that the flags mean, exactly, with the id it will be sent under. A value that cannot be
 * an order's is a denial with its code; flags that are missing, superfluous or no words of ours are
 * a `UsageFault` with all of them at once. What risk or the broker refuse is not judged here.
 */
export function readManualOrder(flags: ManualOrderFlags): ReadOrder {
  const faults = new Faults();
  const wrong = noneUnreadable();
  const symbol = required(faults, wrong.unknown_symbol, {
    name: '--symbol',
    text: flags.symbol,
    read: readSymbol,
  });
  const side = required(faults, faults, { name: '--side', text: flags.side, read: readSide });
  const size = readSize(faults, wrong, flags);
  const exits = readExits(faults, wrong.invalid_exit_price, flags);
  const usualType = flags.class === 'oco' ? 'limit' : 'market';
  const type = faults.take(readChoice('--type', flags.type ?? usualType, ORDER_TYPES));
  const tif = readChoice('--tif', flags.tif ?? 'day', TIMES_IN_FORCE);
  const timeInForce = wrong.invalid_time_in_force.take(tif);
  const prices = readPrices({ faults, prices: wrong.invalid_price }, withLimitOfOco(flags), type);
  const clientOrderId = readId(faults, flags.id);
  if (clientOrderId === null || faults.lines.length > 0) throw new UsageFault(faults.lines);
  const isWhole =
    symbol !== null && side !== null && size !== null && type !== null && timeInForce !== null;
  const denial = denialOf(wrong);
  if (denial !== null) return { kind: 'denied', clientOrderId, ...denial };
  if (!isWhole || exits === null) throw new UsageFault(faults.lines);
  const extendedHours = flags.extendedHours === true;
  const order = {
    clientOrderId,
    symbol,
    side,
    ...size,
    type,
    ...prices,
    timeInForce,
    extendedHours,
    ...exits,
  };
  return { kind: 'order', order };
}

/** A quantity, or an amount; null: a fault was noted. */
function readSize(
  faults: Faults,
  wrong: Unreadable,
  { qty, notional }: ManualOrderFlags,
): Pick<ManualOrder, 'quantity' | 'amount'> | null {
  if (notional === undefined) {
    const flag = { name: '--qty', text: qty, read: readQuantity };
    const quantity = required(faults, wrong.invalid_quantity, flag);
    return quantity === null ? null : { quantity, amount: null };
  }
  if (qty !== undefined) {
    return faults.add(`expected --qty or --notional, found both; leave one out`);
  }
  const amount = wrong.invalid_amount.take(readAmount('--notional', notional));
  return amount === null ? null : { quantity: ZERO_QUANTITY, amount };
}

function noneUnreadable(): Unreadable {
  return {
    unknown_symbol: new Faults(),
    invalid_quantity: new Faults(),
    invalid_amount: new Faults(),
    invalid_price: new Faults(),
    invalid_exit_price: new Faults(),
    invalid_time_in_force: new Faults(),
  };
}

/** The first code that holds, with all that is wrong; null: every value was read. */
function denialOf(wrong: Unreadable): { readonly code: DenyCode; readonly message: string } | null {
  const code = UNREADABLE.find((one) => wrong[one].lines.length > 0);
  if (code === undefined) return null;
  return { code, message: UNREADABLE.flatMap((one) => wrong[one].lines).join('; ') };
}

/** An oco is the limit order of its take-profit: one flag says both. */
function withLimitOfOco(flags: ManualOrderFlags): ManualOrderFlags {
  if (flags.class !== 'oco' || flags.takeProfit === undefined) return flags;
  return { ...flags, limit: flags.limit ?? flags.takeProfit };
}

function readSide(flag: string, text: string): FlagResult<Side> {
  return readChoice(flag, text, SIDES);
}

/** `missing` collects flags that are not there, `unread` values that are none. */
function required<Value>(missing: Faults, unread: Faults, flag: RequiredFlag<Value>): Value | null {
  if (flag.text === undefined) return missing.add(`expected ${flag.name}, found none; add it`);
  return unread.take(flag.read(flag.name, flag.text));
}

function readPrices(
  { faults, prices }: { readonly faults: Faults; readonly prices: Faults },
  flags: ManualOrderFlags,
  type: OrderType | null,
): { readonly limitPrice: Price | null; readonly stopPrice: Price | null } {
  const price = (flag: '--limit' | '--stop', text: string | undefined, types: OrderType[]) => {
    const isWanted = type !== null && types.includes(type);
    if (text === undefined) {
      return isWanted
        ? faults.add(`expected ${flag} for a ${type} order, found none; add it`)
        : null;
    }
    if (type !== null && !isWanted) {
      const fitting = types.join(' or ');
      return faults.add(
        `expected no ${flag} for a ${type} order, found ${quoted(text)}; use --type ${fitting}`,
      );
    }
    return prices.take(readPrice(flag, text));
  };
  return {
    limitPrice: price('--limit', flags.limit, ['limit', 'stop_limit']),
    stopPrice: price('--stop', flags.stop, ['stop', 'stop_limit']),
  };
}

function readId(faults: Faults, id: string | undefined): string | null {
  if (id === undefined) return newManualOrderId();
  if (parseClientOrderId(id) === null) {
    return faults.add(
      'expected --id to be 1 to 48 letters, digits, dots, dashes or underscores, ' +
        `found ${quoted(id)}; correct it`,
    );
  }
  if (revisionBaseOf(id) === id) return id;
  return faults.add(
    `expected --id not to look like the revision of another order, found ${quoted(id)}; change it`,
  );
}
