import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksReader, OrderRow, PositionRow } from '../../adapters/store/port.js';
import {
  type ComparedBooks,
  type ComparedOrder,
  compareBooks,
  type Discrepancy,
} from '../../domain/reconciliation/index.js';
import { IN_FLIGHT_STATES, isInFlight, WORKING_STATES } from '../../domain/order/index.js';
import { averageEntryPrice } from '../../domain/position/index.js';
import { signedUnits } from '../../domain/risk/index.js';
import { usd, type Usd } from '../../domain/values/index.js';
import { isOfGroup } from '../order/complete-group.js';
import type { World } from '../world.js';
import { hasEnded } from './check-silence.js';
import { recentlyShown } from './recent-orders.js';

/** What a symbol's orders and position are in one reading, or the cash. */
interface LocalReading {
  readonly cash: Usd;
  readonly positions: readonly PositionRow[];
  readonly open: readonly OrderRow[];
  /** By symbol. Equal marks of two readings: nothing of the symbol changed between them. */
  readonly marks: ReadonlyMap<string, string>;
}

/** A subject that could not be compared: a symbol, or `cash`. */
export interface LeftOut {
  readonly subject: string;
  /** `moved`: ask again at once. `in_flight`: until somebody can prove what became of an order. */
  readonly because: 'moved' | 'in_flight';
  readonly why: string;
}

export interface Comparison {
  readonly discrepancies: readonly Discrepancy[];
  /** Empty: everything was calm, and everything was compared. */
  readonly leftOut: readonly LeftOut[];
  readonly localPositions: number;
  readonly brokerPositions: number;
}

/**
 * One comparison of our books with the broker's, symbol by symbol. Our books are read before and
 * after the broker's; a symbol counts only when nothing of it moved in between and no order of it
 * was in flight. Cash counts when it did not move, and no symbol that was left out can have moved
 * it. A failed read throws: it is never "flat".
 */
export async function compareWithBroker(world: World): Promise<Comparison> {
  const before = await readLocal(world.reader);
  const account = await world.broker.account();
  const positions = await world.broker.positions();
  const listed = await world.broker.openOrders();
  const orders = [...listed, ...(await waitingLegs(world, before.open, listed))];
  const after = await readLocal(world.reader);
  const broker: BrokerReading = {
    cash: account.cash,
    positions: positions.map((position) => ({
      symbol: position.symbol,
      units: signedUnits(position.side, position.quantity),
      averagePrice: position.averageEntryPrice,
      lastPrice: position.currentPrice,
    })),
    orders,
  };
  const symbols = restlessSymbols(before, after);
  const cash = restlessCash({ before, after, broker, symbols });
  const leftOut = cash === null ? symbols : [...symbols, cash];
  const cashTolerance = usd(world.settings.cashToleranceMicros);
  const ours = localBooks(after, leftOut);
  const theirs = brokerBooks(broker, leftOut, ours.cash);
  return {
    discrepancies: compareBooks(ours, theirs, { cashTolerance }),
    leftOut,
    localPositions: after.positions.length,
    brokerPositions: broker.positions.length,
  };
}

/**
 * Legs that wait for their group, as the broker shows each that is not over: Alpaca lists them
 * among the closed orders, so that their absence from the open ones proves nothing. Any leg may
 * wait there, also one that is about to be canceled or replaced here.
 */
async function waitingLegs(
  world: World,
  open: readonly OrderRow[],
  listed: readonly BrokerOrder[],
): Promise<readonly BrokerOrder[]> {
  const ids = new Set(listed.map(({ clientOrderId }) => clientOrderId));
  const unlisted = open.filter(
    ({ order }) => isOfGroup(order.intent) && !ids.has(order.intent.clientOrderId),
  );
  const recent = await recentlyShown(world, unlisted);
  const waiting: BrokerOrder[] = [];
  for (const { order } of unlisted) {
    const { clientOrderId } = order.intent;
    const shown =
      recent.get(clientOrderId) ?? (await world.broker.orderByClientOrderId(clientOrderId));
    if (shown !== null && !hasEnded(shown)) waiting.push(shown);
  }
  return waiting;
}

async function readLocal(reader: BooksReader): Promise<LocalReading> {
  const account = await reader.account();
  const positions = await reader.positions.active();
  const open = await reader.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES]);
  const lines = new Map<string, unknown[]>();
  const note = (symbol: string, line: unknown): void => {
    const own = lines.get(symbol);
    if (own === undefined) lines.set(symbol, [line]);
    else own.push(line);
  };
  for (const { symbol, side, quantity, costBasis } of positions) {
    note(symbol, [side, quantity, costBasis]);
  }
  for (const { order } of open) {
    note(order.intent.symbol, [order.intent.clientOrderId, order.version]);
  }
  const marks = new Map([...lines].map(([symbol, all]) => [symbol, JSON.stringify(all)]));
  return { cash: account?.cash ?? usd(0), positions, open, marks };
}

function restlessSymbols(before: LocalReading, after: LocalReading): readonly LeftOut[] {
  const symbols = [...new Set([...before.marks.keys(), ...after.marks.keys()])].sort();
  return symbols.flatMap((subject): readonly LeftOut[] => {
    const inFlight = [...before.open, ...after.open].filter(
      ({ order }) => order.intent.symbol === subject && isInFlight(order.progress.state),
    );
    const ids = [...new Set(inFlight.map(({ order }) => order.intent.clientOrderId))];
    if (ids.length > 0) {
      return [{ subject, because: 'in_flight', why: `in flight: ${ids.join(', ')}` }];
    }
    if (before.marks.get(subject) === after.marks.get(subject)) return [];
    return [{ subject, because: 'moved', why: 'moved while the broker was read' }];
  });
}

interface BrokerReading {
  readonly cash: Usd;
  readonly positions: ComparedBooks['positions'];
  readonly orders: readonly BrokerOrder[];
}

/**
 * An order that nobody can prove has moved no cash as long as the broker holds as much of its
 * symbol as the books do.
 */
function restlessCash(at: {
  readonly before: LocalReading;
  readonly after: LocalReading;
  readonly broker: BrokerReading;
  readonly symbols: readonly LeftOut[];
}): LeftOut | null {
  const { before, after, broker, symbols } = at;
  const moved = symbols.find(({ because }) => because === 'moved');
  if (before.cash !== after.cash || moved !== undefined) {
    return { subject: 'cash', because: 'moved', why: 'moved while the broker was read' };
  }
  const unlike = symbols.find(({ subject }) => {
    const ours = after.positions.find(({ symbol }) => symbol === subject);
    const units = ours === undefined ? 0 : signedUnits(ours.side, ours.quantity);
    const theirs = broker.positions.find(({ symbol }) => symbol === subject)?.units ?? 0;
    return units !== theirs;
  });
  if (unlike === undefined) return null;
  const why = `${unlike.subject} is not settled yet`;
  return { subject: 'cash', because: 'in_flight', why };
}

function localBooks(reading: LocalReading, leftOut: readonly LeftOut[]): ComparedBooks {
  const isLeftOut = subjectsOf(leftOut);
  const positions = reading.positions.filter(({ symbol }) => !isLeftOut(symbol));
  const orders = reading.open.filter(({ order }) => !isLeftOut(order.intent.symbol));
  return {
    cash: reading.cash,
    positions: positions.map((position) => ({
      symbol: position.symbol,
      units: signedUnits(position.side, position.quantity),
      averagePrice: averageEntryPrice(position),
      lastPrice: position.lastPrice,
    })),
    openOrders: orders.map(
      ({ order }): ComparedOrder => ({
        clientOrderId: order.intent.clientOrderId,
        filledQuantity: order.filledQuantity,
        state: order.progress.state,
      }),
    ),
  };
}

/** Cash that cannot be compared is shown as ours: equal to itself. */
function brokerBooks(
  reading: BrokerReading,
  leftOut: readonly LeftOut[],
  ourCash: Usd,
): ComparedBooks {
  const isLeftOut = subjectsOf(leftOut);
  const orders = reading.orders.filter(({ symbol }) => !isLeftOut(symbol));
  return {
    cash: isLeftOut('cash') ? ourCash : reading.cash,
    positions: reading.positions.filter(({ symbol }) => !isLeftOut(symbol)),
    openOrders: orders.map(
      (order): ComparedOrder => ({
        clientOrderId: order.clientOrderId,
        filledQuantity: order.filledQuantity,
        state: 'open',
      }),
    ),
  };
}

function subjectsOf(leftOut: readonly LeftOut[]): (subject: string) => boolean {
  const subjects = new Set(leftOut.map(({ subject }) => subject));
  return (subject) => subjects.has(subject);
}
