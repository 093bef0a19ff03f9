import type { OrderIntent } from './order-intent.js';

/** What one id stands for: all that a broker would be told beside it. */
const FIELDS = [
  'symbol',
  'side',
  'type',
  'limitPrice',
  'stopPrice',
  'timeInForce',
  'extendedHours',
  'orderClass',
  'takeProfit',
] as const;

export type WishedFields = Pick<
  OrderIntent,
  (typeof FIELDS)[number] | 'quantity' | 'amount' | 'stopLoss'
>;

/**
 * The fields in which a wish differs from the one that the books hold under its id. None: it is the
 * same wish once more, whenever and for whatever reason it was made.
 */
export function differingFields(held: WishedFields, asked: WishedFields): readonly string[] {
  const differing: string[] = FIELDS.filter((field) => held[field] !== asked[field]);
  // Of a wish by amount the quantity follows from the quote of the moment.
  const isByAmount = held.amount !== null && asked.amount !== null;
  if (held.amount !== asked.amount) differing.push('amount');
  else if (!isByAmount && held.quantity !== asked.quantity) differing.push('quantity');
  const isSameStop =
    held.stopLoss?.stopPrice === asked.stopLoss?.stopPrice &&
    held.stopLoss?.limitPrice === asked.stopLoss?.limitPrice;
  return isSameStop ? differing : [...differing, 'stopLoss'];
}
