import type { Books, Row } from '../../checker/books.js';
import type { BrokerExecution, Journal } from '../../checker/journal.js';
import { sum } from '../../checker/exact.js';
import { standingFills } from '../../checker/standing-fills.js';
import type { ChangedExecution, ExchangeJournal } from '../exchange/exchange-journal.js';
import { isNeverMissed } from '../scenario/mischief.js';

/**
 * The exchange's side as far as the books must know it: where they hold an execution as it was, and
 * nobody has told them yet that the venue took it back or gave it another price, it stands as it
 * was.
 */
export function asToldTo(
  books: Books,
  journal: ExchangeJournal,
  isUntold: (change: ChangedExecution) => boolean,
): Journal {
  const held = new Map(standingFills(books.fills).map((fill) => [placeOfFill(fill), fill]));
  const listed = new Set<string | null>(
    journal.executions.flatMap(({ activityId, executionId }) => [activityId, executionId]),
  );
  // Another trade may have come in its place, at its price: the books hold that one by its name.
  const isHeld = (one: BrokerExecution): boolean => {
    const fill = held.get(placeOf(one));
    return fill !== undefined && !listed.has(fill.activity_id) && !listed.has(fill.execution_id);
  };
  const known = new Set(books.orders.map((row) => row.client_order_id));
  const orders = new Map(
    [...journal.orders].filter(
      ([, order]) => known.has(order.clientOrderId) || !isNeverMissed(order),
    ),
  );
  const untold = journal.changes.filter((change) => isUntold(change) && isHeld(change.before));
  const replaced = new Set(untold.map(({ before }) => intervalOf(before)));
  const executions = [
    ...journal.executions.filter((one) => !replaced.has(intervalOf(one))),
    ...untold.map(({ before }) => before),
  ];
  const twins = mistakenTwins(books, journal);
  const guessed = new Map([...twins, ...guessedExecutions(books, journal, twins)]);
  const { openingCashMicros, submissions, firedFaults } = journal;
  return {
    openingCashMicros,
    orders,
    submissions,
    firedFaults,
    executions: executions.map((one) => guessed.get(intervalOf(one)) ?? one),
  };
}

/**
 * Of two trades of one order that are alike, one is taken back or corrected by a name that only the
 * stream ever told: who knows both from lists cannot say which. Either may stand in the books, or
 * have the name of the other. So may one that was taken back, where a correction that no frame told
 * has made another one like it.
 */
function mistakenTwins(
  books: Books,
  journal: ExchangeJournal,
): ReadonlyMap<string, BrokerExecution> {
  const held = new Map(standingFills(books.fills).map((fill) => [placeOfFill(fill), fill]));
  const corrected = journal.changes.filter(isUntoldCorrection(books)).map(({ before }) => before);
  const unheard = new Set(corrected.map(({ brokerOrderId }) => brokerOrderId));
  return new Map(
    journal.executions.flatMap((one): (readonly [string, BrokerExecution])[] => {
      const fill = held.get(placeOf(one));
      const activityId = fill?.activity_id ?? one.activityId;
      const executionId = fill?.execution_id ?? one.executionId;
      const isTwin = journal.changes.some(
        ({ before }) =>
          isAlike(before, one) &&
          (before.activityId === activityId ||
            (before.executionId === executionId && unheard.has(one.brokerOrderId))),
      );
      const isNamedAsTwin = journal.executions.some(
        (other) => other !== one && other.executionId === executionId && isAlike(other, one),
      );
      return isTwin || isNamedAsTwin
        ? [[intervalOf(one), { ...one, activityId, executionId }]]
        : [];
    }),
  );
}

function isAlike(one: BrokerExecution, other: BrokerExecution): boolean {
  return (
    one.brokerOrderId === other.brokerOrderId &&
    one.quantityNanos === other.quantityNanos &&
    one.priceNanos === other.priceNanos
  );
}

/** Of an average, and of the trade that is guessed from it. */
const ROUNDING_MICROS = 20n;

/**
 * A price that no frame has told shows in the average of its order alone, so that the books have to
 * guess which trade has got it. Where an order of theirs comes to the broker's money in the
 * broker's intervals, its trades are what they hold: by interval, since of the same order another
 * trade may have been taken back unheard, which stands as it was, or in the place of one that alone
 * would not have made the money, and the others one above the other.
 */
function guessedExecutions(
  books: Books,
  journal: ExchangeJournal,
  twins: ReadonlyMap<string, BrokerExecution>,
): ReadonlyMap<string, BrokerExecution> {
  const corrected = journal.changes.filter(isUntoldCorrection(books)).map(({ before }) => before);
  const gone = new Set(journal.changes.map(({ before }) => before.activityId));
  const ids = [...new Set(corrected.map(({ brokerOrderId }) => brokerOrderId))];
  return new Map(
    ids.flatMap((id): (readonly [string, BrokerExecution])[] => {
      const happened = journal.executions
        .filter((one) => one.brokerOrderId === id)
        .map((one) => twins.get(intervalOf(one)) ?? one);
      const fills = standingFills(books.fills).filter((fill) => fill.broker_order_id === id);
      const held = new Map(fills.map((fill) => [intervalOfFill(fill), fill]));
      const assumed = happened.flatMap((one) => {
        const fill = held.get(intervalOf(one));
        if (fill === undefined) return [];
        const before = corrected.find((was) => placeOf(was) === placeOfFill(fill));
        return [before ?? asHeld(one, fill, new Set([...gone, ...happened.map(activityOf)]))];
      });
      const cashOf = (all: readonly BrokerExecution[]): bigint =>
        sum(all.map(({ cashMicros }) => cashMicros));
      const apart = cashOf(assumed) - cashOf(happened);
      const isMoney = apart <= ROUNDING_MICROS && apart >= -ROUNDING_MICROS;
      const isSame = assumed.length === happened.length && isMoney;
      return isSame ? assumed.map((one) => [intervalOf(one), one] as const) : [];
    }),
  );
}

function asHeld(
  one: BrokerExecution,
  fill: Row<'fills'>,
  listed: ReadonlySet<string>,
): BrokerExecution {
  const cashMicros = one.side === 'buy' ? -fill.notional_micros : fill.notional_micros;
  const named = fill.activity_id ?? one.activityId;
  const activityId = listed.has(named) ? named : one.activityId;
  return { ...one, priceNanos: fill.price_nanos, cashMicros, activityId };
}

function activityOf({ activityId }: BrokerExecution): string {
  return activityId;
}

/**
 * Corrections that no frame has brought: a price alone does not show in any other way. One that
 * came before the books knew the order is among them, unless it came just before: it is kept in the
 * inbox, and not read again.
 */
export function isUntoldCorrection(books: Books): (change: ChangedExecution) => boolean {
  const told = new Set(books.broker_events.filter(isOfKnownOrder).map(({ event_id }) => event_id));
  return ({ kind, eventId }) => kind === 'trade_correct' && !told.has(eventId);
}

function isOfKnownOrder({ outcome }: Row<'broker_events'>): boolean {
  return outcome !== 'external' && outcome !== 'unmatched';
}

function intervalOf(one: BrokerExecution): string {
  return `${one.brokerOrderId} ${one.cumulativeNanos - one.quantityNanos} ${one.cumulativeNanos}`;
}

function placeOf(one: BrokerExecution): string {
  return `${intervalOf(one)} at ${one.priceNanos}`;
}

function placeOfFill(fill: Row<'fills'>): string {
  return `${intervalOfFill(fill)} at ${fill.price_nanos}`;
}

function intervalOfFill(fill: Row<'fills'>): string {
  const interval = `${fill.cumulative_before_nanos} ${fill.cumulative_after_nanos}`;
  return `${fill.broker_order_id} ${interval}`;
}
