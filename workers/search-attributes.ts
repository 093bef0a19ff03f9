import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { OrderIntent } from '../domain/order/index.js';
import { formatUsd, notionalRounded } from '../domain/values/index.js';
import type { TurnInput } from '../workflows/contract/index.js';

const KEYS = {
  account: defineSearchAttributeKey('OrdAccount', 'KEYWORD'),
  symbol: defineSearchAttributeKey('OrdSymbol', 'KEYWORD'),
  side: defineSearchAttributeKey('OrdSide', 'KEYWORD'),
  status: defineSearchAttributeKey('OrdStatus', 'KEYWORD'),
  strategy: defineSearchAttributeKey('OrdStrategy', 'KEYWORD'),
  mode: defineSearchAttributeKey('OrdMode', 'KEYWORD'),
  needsAttention: defineSearchAttributeKey('OrdNeedsAttention', 'BOOL'),
  notional: defineSearchAttributeKey('OrdNotional', 'DOUBLE'),
  filledQuantity: defineSearchAttributeKey('OrdFilledQuantity', 'DOUBLE'),
};

/** What people search an order by. Its driver changes them as the order goes on. */
export function orderAttributes(intent: OrderIntent, mode: string): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: KEYS.account, value: intent.account },
    { key: KEYS.symbol, value: intent.symbol },
    { key: KEYS.side, value: intent.side },
    { key: KEYS.status, value: 'created' },
    { key: KEYS.strategy, value: intent.strategy },
    { key: KEYS.mode, value: mode },
    { key: KEYS.needsAttention, value: false },
    { key: KEYS.filledQuantity, value: 0 },
    ...notionalOf(intent),
  ]);
}

/** What people search a turn by. */
export function turnAttributes(input: TurnInput, mode: string): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: KEYS.account, value: input.account },
    { key: KEYS.symbol, value: input.symbol },
    { key: KEYS.strategy, value: input.strategy },
    { key: KEYS.status, value: 'planned' },
    { key: KEYS.mode, value: mode },
    { key: KEYS.needsAttention, value: false },
  ]);
}

/** For people who search; nothing is ever computed with it. None where no price was known. */
function notionalOf({ quantity, amount, limitPrice, stopPrice, decisionPrice }: OrderIntent) {
  if (amount !== null) return [{ key: KEYS.notional, value: Number(formatUsd(amount)) }];
  const unitPrice = limitPrice ?? stopPrice ?? decisionPrice;
  if (unitPrice === null) return [];
  return [{ key: KEYS.notional, value: Number(formatUsd(notionalRounded(unitPrice, quantity))) }];
}
