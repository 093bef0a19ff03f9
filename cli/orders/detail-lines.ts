import type { OpenOrderRemainder, RiskInputs } from '../../domain/risk/index.js';
import type { EpochMs } from '../../domain/values/index.js';
import { formatDecimalFixed, formatQuantity, quantity } from '../../domain/values/index.js';
import { jsonOf } from '../json-text.js';
import { instantJson, money, newYorkText, NONE, priceText, quantityText } from '../words.js';

/** How members of a record are told to people; null leaves one out. Others are told as they are. */
type Words = Readonly<Record<string, ((value: never) => string | null) | undefined>>;

/** Longer ones are whole in `--json`. */
const DETAIL_LENGTH_MAX = 200;

/** A line for each member of a JSON record, in units for people; the kind is told already. */
export function detailLines(text: string, words: Words = EVENT_WORDS): readonly string[] {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null) return value === null ? [] : [text];
  return Object.entries(value)
    .filter(([name]) => name !== 'kind')
    .flatMap(([name, member]) => {
      const told = words[name] === undefined ? plain(member) : words[name](member as never);
      return told === null ? [] : [`${name}: ${told}`];
    });
}

/** What risk judged by: money in dollars, units and prices as decimals, instants by the clock. */
export const DECISION_WORDS: {
  readonly [Member in keyof RiskInputs]: (value: RiskInputs[Member]) => string | null;
} = {
  intent: () => null, // The story tells it by itself.
  nowAtMs: newYorkText,
  voidThroughMs: (atMs) => (atMs === 0 ? NONE : newYorkText(atMs)),
  haltMode: (mode) => mode,
  instrument: (instrument) => (instrument === null ? NONE : instrumentText(instrument)),
  position: (units) => `${units < 0 ? '-' : ''}${quantityText(quantity(Math.abs(units)))}`,
  openOrders: (orders) => (orders.length === 0 ? NONE : orders.map(remainderText).join(', ')),
  replaced: (order) => (order === null ? NONE : remainderText(order)),
  limits: ({ orderNotionalMax, positionNotionalMax, leverageHundredths }) =>
    `order ${money(orderNotionalMax)}, position ${money(positionNotionalMax)}, ` +
    `leverage ${formatDecimalFixed(leverageHundredths, 2, 2)}`,
  totals: ({ cash, longCostBasis, shortCostBasis, reserved }) =>
    `cash ${money(cash)}, reserved ${money(reserved)}, ` +
    `long at cost ${money(longCostBasis)}, short at cost ${money(shortCostBasis)}`,
  quotedPrice: priceText,
};

const EVENT_WORDS: Words = {
  interval: () => null, // So does the fill.
  sendDeadlineAtMs: (atMs: EpochMs) => instantJson(atMs),
};

function instrumentText(instrument: NonNullable<RiskInputs['instrument']>): string {
  const { tradable, shortable, fractionable, parkedReason } = instrument;
  const flags = Object.entries({ tradable, shortable, fractionable });
  const told = flags.map(([name, isSo]) => (isSo ? name : `not ${name}`)).join(', ');
  return parkedReason === null ? told : `${told}, parked: ${parkedReason}`;
}

function remainderText({ side, remaining }: OpenOrderRemainder): string {
  return `${side} ${formatQuantity(remaining)}`;
}

function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= DETAIL_LENGTH_MAX ? text : `${text.slice(0, DETAIL_LENGTH_MAX)}…`;
}
