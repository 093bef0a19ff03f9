import { price, wholeUnits } from '../../../domain/values/index.js';
import { type BrokerOrder, isOpenAtBroker } from '../../checker/journal.js';
import { SYMBOLS } from './market-walk.js';
import type { Stage } from './stage.js';

const LOOK_MS = 3_000;
const CORRECTION_NANOS = 10_000_000;
/** Trades are few beside the instants at which nothing has traded. */
const CHANGE_WEIGHT = 3;
/** In which the books have the orders whose trades are changed, or in none. */
const CHANGED_STATES: readonly string[] = [
  'none',
  'accepted',
  'partially_filled',
  'held',
  'filled',
];

/** How the orders are named that Ordinis did not place. */
export const FOREIGN_PREFIX = 'foreign-';

export function isForeignOrder(order: { readonly clientOrderId: string }): boolean {
  return order.clientOrderId.startsWith(FOREIGN_PREFIX);
}

/** Ids that Ordinis sends: what a person wanted, and what a strategy decided. */
const OWN_ID = /^(?:sim|ord)-/;

/**
 * An order that Ordinis has not named, so somebody else's or a leg of a group, and that has ended
 * unfilled: whoever has not heard of it lacks nothing.
 */
export function isNeverMissed(order: BrokerOrder): boolean {
  const { clientOrderId, filledNanos } = order;
  return !OWN_ID.test(clientOrderId) && !isOpenAtBroker(order) && filledNanos === 0n;
}

/** What happens without Ordinis: somebody else trades on the account, the venue changes trades. */
export function playMischief(stage: Stage): void {
  const { time, chance, faults } = stage;
  let foreignCount = 0;
  const look = (): void => {
    if (!faults.isOn) return;
    if (faults.hits('foreign_order')) {
      foreignCount += 1;
      placeForeign(stage, foreignCount);
    }
    changeLastTrade(stage);
    time.after(LOOK_MS * chance.between(0.5, 1.5), { owner: null, label: '' }, look);
  };
  time.after(LOOK_MS, { owner: null, label: '' }, look);
}

/** The venue takes the last trade back, or gives it another price. */
function changeLastTrade({ exchange, faults, stateOf }: Stage): void {
  const last = exchange.lastTrade;
  if (last === null) return;
  const state = stateOf(last.clientOrderId);
  if (!CHANGED_STATES.includes(state)) return;
  if (faults.hits('trade_bust', { state, weight: CHANGE_WEIGHT })) {
    exchange.changeTrade(last, { kind: 'bust' });
  } else if (faults.hits('trade_correct', { state, weight: CHANGE_WEIGHT })) {
    const corrected = price(last.price + CORRECTION_NANOS);
    exchange.changeTrade(last, { kind: 'correct', price: corrected });
  }
}

function placeForeign({ chance, exchange }: Stage, number: number): void {
  const symbol = chance.one(SYMBOLS);
  const isLimit = chance.hit(0.5);
  const { quote } = exchange.engine.ledger.marksOf(symbol);
  exchange.place(
    {
      clientOrderId: `${FOREIGN_PREFIX}${number}`,
      symbol,
      side: chance.one(['buy', 'sell'] as const),
      type: isLimit ? 'limit' : 'market',
      timeInForce: 'day',
      quantity: wholeUnits(chance.whole(1, 5)),
      limitPrice: isLimit ? (quote?.bidPrice ?? null) : null,
      stopPrice: null,
      extendedHours: false,
    },
    {},
  );
}
