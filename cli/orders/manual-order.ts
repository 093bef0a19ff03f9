import type { OrderType, Side, TimeInForce } from '../../domain/order/index.js';
import type { Price } from '../../domain/values/index.js';
import { newManualOrderId, parseClientOrderId, revisionBaseOf } from '../../workers/reference.js';
import { UsageFault } from '../failure.js';
import {
  type FlagResult,
  Faults,
  quoted,
  readChoice,
  readPrice,
  readQuantity,
  readSymbol,
} from '../flag-values.js';
import type { ManualOrder } from '../ports.js';
import { type ExitFlags, type Exits, readExits } from './exit-flags.js';

/** The flags of `order submit` as a person wrote them. */
export interface ManualOrderFlags extends ExitFlags {
  readonly symbol?: string;
  readonly side?: string;
  readonly qty?: string;
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

interface RequiredFlag<Value> {
  readonly name: string;
  readonly text: string | undefined;
  readonly read: (name: string, text: string) => FlagResult<Value>;
}

/**
 * The order that the flags mean, exactly, with the id it will be sent under; otherwise a
 * `UsageFault` with every fault at once. What risk or the broker refuse is not judged here.
 */
export function readManualOrder(flags: ManualOrderFlags): ManualOrder {
  const faults = new Faults();
  const symbol = required(faults, { name: '--symbol', text: flags.symbol, read: readSymbol });
  const side = required(faults, { name: '--side', text: flags.side, read: readSide });
  const units = required(faults, { name: '--qty', text: flags.qty, read: readQuantity });
  const exits = readExits(faults, flags);
  const usualType = exits?.orderClass === 'oco' ? 'limit' : 'market';
  const type = faults.take(readChoice('--type', flags.type ?? usualType, ORDER_TYPES));
  const timeInForce = faults.take(readChoice('--tif', flags.tif ?? 'day', TIMES_IN_FORCE));
  const prices = readPrices(faults, withLimitOfOco(flags, exits), type);
  const clientOrderId = readId(faults, flags.id);
  const isWhole =
    symbol !== null && side !== null && units !== null && type !== null && timeInForce !== null;
  if (!isWhole || exits === null || clientOrderId === null || faults.lines.length > 0) {
    throw new UsageFault(faults.lines);
  }
  const extendedHours = flags.extendedHours === true;
  return {
    clientOrderId,
    symbol,
    side,
    quantity: units,
    type,
    ...prices,
    timeInForce,
    extendedHours,
    ...exits,
  };
}

/** An oco is the limit order of its take-profit: one flag says both. */
function withLimitOfOco(flags: ManualOrderFlags, exits: Exits | null): ManualOrderFlags {
  if (exits?.orderClass !== 'oco' || flags.takeProfit === undefined) return flags;
  return { ...flags, limit: flags.limit ?? flags.takeProfit };
}

function readSide(flag: string, text: string): FlagResult<Side> {
  return readChoice(flag, text, SIDES);
}

function required<Value>(faults: Faults, flag: RequiredFlag<Value>): Value | null {
  if (flag.text === undefined) return faults.add(`expected ${flag.name}, found none; add it`);
  return faults.take(flag.read(flag.name, flag.text));
}

function readPrices(
  faults: Faults,
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
    return faults.take(readPrice(flag, text));
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
