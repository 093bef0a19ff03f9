import type { OrderClass, StopLoss } from '../../domain/order/index.js';
import type { Price } from '../../domain/values/index.js';
import { type Faults, quoted, readChoice, readPrice } from '../flag-values.js';

/** The flags of an order with exits as a person wrote them. */
export interface ExitFlags {
  readonly class?: string;
  readonly takeProfit?: string;
  readonly stopLoss?: string;
  readonly stopLimit?: string;
}

/** Class and exits of an order. Whether they fit together is for the rules of risk to say. */
export interface Exits {
  readonly orderClass: OrderClass;
  readonly takeProfit: Price | null;
  readonly stopLoss: StopLoss | null;
}

export const ORDER_CLASSES: readonly OrderClass[] = ['simple', 'bracket', 'oco', 'oto'];

/** Null: a fault was noted, of the use or of a price. */
export function readExits(faults: Faults, prices: Faults, flags: ExitFlags): Exits | null {
  const before = faults.lines.length + prices.lines.length;
  const orderClass = faults.take(readChoice('--class', flags.class ?? 'simple', ORDER_CLASSES));
  const price = (flag: string, text: string | undefined): Price | null =>
    text === undefined ? null : prices.take(readPrice(flag, text));
  const takeProfit = price('--take-profit', flags.takeProfit);
  const stopPrice = price('--stop-loss', flags.stopLoss);
  const limitPrice = price('--stop-limit', flags.stopLimit);
  if (flags.stopLimit !== undefined && flags.stopLoss === undefined) {
    const found = quoted(flags.stopLimit);
    faults.add(`expected --stop-loss beside --stop-limit ${found}, found none; add it`);
  }
  const after = faults.lines.length + prices.lines.length;
  if (orderClass === null || after > before) return null;
  return {
    orderClass,
    takeProfit,
    stopLoss: stopPrice === null ? null : { stopPrice, limitPrice },
  };
}
