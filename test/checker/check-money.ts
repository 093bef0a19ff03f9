import type { Books, Row } from './books.js';
import { sum } from './exact.js';
import { isOpenAtBroker, type Journal } from './journal.js';
import { standingFills } from './standing-fills.js';
import { followSymbol, NOTHING_HELD, type RoundTrip, type SymbolStory } from './round-trips.js';

/**
 * I4 and I5: positions and cash are what the broker's executions make them; at every prefix of the
 * fills nothing appears or disappears; trades, totals and reservations follow from the fills.
 */
export function checkMoney(books: Books, journal: Journal): readonly string[] {
  const symbols = new Set([
    ...books.fills.map((fill) => fill.symbol),
    ...books.positions.map((position) => position.symbol),
    ...journal.executions.map((execution) => execution.symbol),
  ]);
  const stories = new Map([...symbols].map((symbol) => [symbol, followSymbol(books, symbol)]));
  return [
    ...checkCash(books, journal),
    ...[...stories].flatMap(([symbol, story]) => [
      ...checkPosition(books, { symbol, story, journal }),
      ...checkPrefixes(books, symbol, story),
    ]),
    ...checkTrades(
      books,
      [...stories.values()].flatMap(({ trips }) => trips),
    ),
    ...checkTotals(books, [...stories.values()]),
    ...checkReservations(books, journal),
  ];
}

function checkCash(books: Books, journal: Journal): readonly string[] {
  const { account } = books;
  const atBroker = journal.openingCashMicros + sum(journal.executions.map((one) => one.cashMicros));
  const entries = sum(books.cash_entries.map((entry) => entry.amount_micros));
  const standing = standingFills(books.fills);
  const fills = sum(
    standing.map((fill) => (fill.side === 'buy' ? -fill.notional_micros : fill.notional_micros)),
  );
  const fees = sum(standing.map((fill) => fill.fee_micros));
  const own = entries + fills - fees;
  const opening = books.cash_entries.filter((entry) => entry.kind === 'opening_balance');
  const wrong: string[] = [];
  if (opening.length !== 1 || opening[0]?.amount_micros !== journal.openingCashMicros) {
    wrong.push(`I5: ${opening.length} opening balances, expected one of the broker's cash`);
  }
  if (account.opening_cash_micros !== journal.openingCashMicros) {
    wrong.push(
      `I5: opening cash ${account.opening_cash_micros}, expected ${journal.openingCashMicros}`,
    );
  }
  if (account.cash_micros !== atBroker) {
    wrong.push(`I4: cash ${account.cash_micros}, the broker has ${atBroker}`);
  }
  if (account.cash_micros !== own) {
    wrong.push(`I5: cash ${account.cash_micros}, the fills make it ${own}`);
  }
  if (account.fees_micros !== fees) {
    wrong.push(`I5: fees ${account.fees_micros}, the fills make them ${fees}`);
  }
  return wrong;
}

interface SymbolOfBooks {
  readonly symbol: string;
  readonly story: SymbolStory;
  readonly journal: Journal;
}

function checkPosition(books: Books, { symbol, story, journal }: SymbolOfBooks): readonly string[] {
  const row = books.positions.find((position) => position.symbol === symbol);
  const held = row === undefined ? 0n : signed(row.side, row.quantity_nanos);
  const atBroker = sum(
    journal.executions
      .filter((one) => one.symbol === symbol)
      .map((one) => (one.side === 'buy' ? one.quantityNanos : -one.quantityNanos)),
  );
  const end = story.holdings.at(-1)?.holding ?? NOTHING_HELD;
  const wrong: string[] = [];
  if (held !== atBroker) wrong.push(`I4: ${symbol} holds ${held}, the broker has ${atBroker}`);
  if (row !== undefined && row.cost_basis_micros !== end.costMicros) {
    wrong.push(`I5: ${symbol} cost ${row.cost_basis_micros}, its fills make it ${end.costMicros}`);
  }
  if (row !== undefined && row.realized_pnl_micros !== end.realizedMicros) {
    wrong.push(
      `P&L: ${symbol} realised ${row.realized_pnl_micros}, its fills make it ${end.realizedMicros}`,
    );
  }
  return wrong;
}

/** Every change of the position is a fill, in order, and leads from where the one before ended. */
function checkPrefixes(books: Books, symbol: string, story: SymbolStory): readonly string[] {
  const changes = books.position_changes.filter((change) => change.symbol === symbol);
  if (changes.length !== story.holdings.length) {
    return [
      `I5: ${symbol} has ${changes.length} position changes and ${story.holdings.length} fills`,
    ];
  }
  let before = NOTHING_HELD;
  return changes.flatMap((change, index) => {
    const told = story.holdings[index];
    if (told === undefined) return [];
    const { fillId, holding } = told;
    const isWhole =
      change.change_id === fillId &&
      signed(change.side_before, change.quantity_before_nanos) === before.signedNanos &&
      change.cost_basis_before_micros === before.costMicros &&
      signed(change.side_after, change.quantity_after_nanos) === holding.signedNanos &&
      change.cost_basis_after_micros === holding.costMicros &&
      change.realized_micros === holding.realizedMicros - before.realizedMicros;
    before = holding;
    return isWhole ? [] : [`I5: position change ${change.change_id} is not what its fill makes it`];
  });
}

function checkTrades(books: Books, trips: readonly RoundTrip[]): readonly string[] {
  const found = books.trades.map(describeRow).sort();
  const expected = trips.map(describeTrip).sort();
  return [
    ...expected.filter((trip) => !found.includes(trip)).map((trip) => `P&L: missing trade ${trip}`),
    ...found.filter((trade) => !expected.includes(trade)).map((one) => `P&L: wrong trade ${one}`),
    ...(found.length === expected.length
      ? []
      : [`P&L: ${found.length} trades, the fills make ${expected.length}`]),
  ];
}

function describeTrip(trip: RoundTrip): string {
  return [
    trip.side,
    trip.symbol,
    trip.strategy,
    `in ${trip.entryNanos} for ${trip.entryMicros} (${trip.entryFills.join(' ')})`,
    `out ${trip.exitNanos} for ${trip.exitMicros} (${trip.exitFills.join(' ')})`,
    `realised ${trip.realizedMicros} slippage ${trip.slippageMicros} fees 0`,
    trip.isClosed ? 'closed' : 'open',
  ].join(' ');
}

function describeRow(row: Row<'trades'>): string {
  const ids = (text: string): string => (JSON.parse(text) as readonly string[]).join(' ');
  return [
    row.side,
    row.symbol,
    row.strategy,
    `in ${row.entry_quantity_nanos} for ${row.entry_notional_micros} (${ids(row.entry_fill_ids)})`,
    `out ${row.exit_quantity_nanos} for ${row.exit_notional_micros} (${ids(row.exit_fill_ids)})`,
    `realised ${row.realized_pnl_micros} slippage ${row.slippage_micros} fees ${row.fees_micros}`,
    row.closed_at_ms === null ? 'open' : 'closed',
  ].join(' ');
}

function checkTotals(books: Books, stories: readonly SymbolStory[]): readonly string[] {
  const ends = stories.map((story) => story.holdings.at(-1)?.holding ?? NOTHING_HELD);
  const costOf = (isWanted: (nanos: bigint) => boolean): bigint =>
    sum(ends.filter((end) => isWanted(end.signedNanos)).map((end) => end.costMicros));
  const expected = {
    realized_pnl_micros: sum(ends.map((end) => end.realizedMicros)),
    long_cost_basis_micros: costOf((nanos) => nanos > 0n),
    short_cost_basis_micros: costOf((nanos) => nanos < 0n),
  };
  const names = Object.keys(expected) as (keyof typeof expected)[];
  return names
    .filter((name) => books.account[name] !== expected[name])
    .map((name) => `I5: account ${name} ${books.account[name]}, expected ${expected[name]}`);
}

/** Money is held back for open orders only, and the account's total is the sum of it. */
function checkReservations(books: Books, journal: Journal): readonly string[] {
  const total = sum(books.reservations.map((reservation) => reservation.amount_micros));
  const open = new Set(
    [...journal.orders.values()].filter(isOpenAtBroker).map((order) => order.clientOrderId),
  );
  const wrong = books.reservations
    .filter((reservation) => !open.has(reservation.client_order_id))
    .map((one) => `I9: ${one.amount_micros} is reserved for closed order ${one.client_order_id}`);
  if (books.account.reserved_micros === total) return wrong;
  return [
    ...wrong,
    `I9: ${books.account.reserved_micros} is reserved, the rows add up to ${total}`,
  ];
}

function signed(side: string, quantityNanos: bigint): bigint {
  return side === 'short' ? -quantityNanos : quantityNanos;
}
