/**
 * Why our own rules say no, in order of precedence: the first that holds is the answer. Codes are
 * stable; the table in `docs/` is generated from here.
 */
export const DENY_REASONS = {
  unknown_symbol: 'the broker does not list the symbol',
  invalid_quantity:
    'the quantity is not above zero, finer than nine decimals, or more than can be counted',
  invalid_amount:
    'an order by amount is a market order for the day, of 1 USD or more in whole cents',
  not_fractionable: 'the symbol trades in whole units only',
  invalid_price:
    'a price is missing, superfluous, or finer than the tick (0.01 from $1 on, 0.0001 below)',
  invalid_order_class: 'the class of the order and its exits do not fit together',
  invalid_exit_price:
    'an exit is finer than the tick, or not a cent or more on its side of the entry',
  invalid_time_in_force: 'the broker does not take this time in force for this type of order',
  outside_auction_window: 'the broker takes no order for this auction at this time of the day',
  not_tradable: 'the broker does not trade the symbol now',
  intent_expired: 'the wish is older than it may be, and nothing of it was ever sent',
  halted: 'trading is halted: nothing that can raise exposure is sent',
  reduce_only: 'only orders that reduce a position are sent now',
  symbol_parked: 'the symbol waits for a person: its books and the broker do not agree',
  turns_position: 'one order may not turn a position: close it first, then open the other side',
  nothing_to_close: 'an exit that finds nothing to close would open a position',
  not_shortable: 'the symbol, or a fraction of a unit, cannot be sold short',
  no_fresh_price: 'no price is known that is fresh enough to judge the order by',
  order_notional_above_limit: 'the order is worth more than one order may be',
  position_notional_above_limit: 'the position would be worth more than one position may be',
  insufficient_buying_power: 'own money and reservations do not cover the worst case',
} as const satisfies Readonly<Record<string, string>>;

/** Denials that are no judgement of risk: nothing of the wish was sent all the same. */
export const OTHER_DENY_REASONS = {
  id_used_with_other_fields: 'the books hold an order under this id that wishes something else',
  canceled_before_sent: 'its cancel was asked for before anything of it was sent',
  not_sent_at_once: 'a replacement that could not be sent in the moment it was asked for is over',
} as const satisfies Readonly<Record<string, string>>;

export type OtherDenyCode = keyof typeof OTHER_DENY_REASONS;
export type DenyCode = keyof typeof DENY_REASONS;
