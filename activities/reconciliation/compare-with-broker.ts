import type { BooksReader } from '../../adapters/store/port.js';
import {
  type Discrepancy,
  type ComparedBooks,
  compareBooks,
} from '../../domain/reconciliation/index.js';
import { IN_FLIGHT_STATES, WORKING_STATES } from '../../domain/order/index.js';
import { averageEntryPrice } from '../../domain/position/index.js';
import { signedUnits } from '../../domain/risk/index.js';
import { usd } from '../../domain/values/index.js';
import type { World } from '../world.js';

/** Books as one reading of them saw them, with the marks that tell whether anything moved since. */
interface LocalReading {
  readonly books: ComparedBooks;
  /** Equal marks of two readings: no order, fill or position changed between them. */
  readonly mark: string;
  readonly inFlight: readonly string[];
}

export type Comparison =
  | {
      readonly isCalm: true;
      readonly discrepancies: readonly Discrepancy[];
      readonly localPositions: number;
      readonly brokerPositions: number;
    }
  /** Something moved between the readings: they cannot be compared. */
  | { readonly isCalm: false; readonly why: string };

/**
 * One comparison of our books with the broker's. Our books are read before and after the broker's;
 * it counts only when nothing moved in between and nothing was in flight. A failed read throws: it
 * is never "flat".
 */
export async function compareWithBroker(world: World): Promise<Comparison> {
  const before = await readLocal(world.reader);
  if (before.inFlight.length > 0) return notCalm(`in flight: ${before.inFlight.join(', ')}`);
  const [account, positions, orders] = [
    await world.broker.account(),
    await world.broker.positions(),
    await world.broker.openOrders(),
  ];
  const after = await readLocal(world.reader);
  if (before.mark !== after.mark)
    return notCalm('orders or positions moved while the broker was read');
  const broker: ComparedBooks = {
    cash: account.cash,
    positions: positions.map((position) => ({
      symbol: position.symbol,
      units: signedUnits(position.side, position.quantity),
      averagePrice: position.averageEntryPrice,
      lastPrice: position.currentPrice,
    })),
    openOrders: orders.map((order) => ({
      clientOrderId: order.clientOrderId,
      filledQuantity: order.filledQuantity,
      state: 'open',
    })),
  };
  const cashTolerance = usd(world.settings.cashToleranceMicros);
  return {
    isCalm: true,
    discrepancies: compareBooks(after.books, broker, { cashTolerance }),
    localPositions: after.books.positions.length,
    brokerPositions: broker.positions.length,
  };
}

async function readLocal(reader: BooksReader): Promise<LocalReading> {
  const account = await reader.account();
  const positions = await reader.positions.active();
  const open = await reader.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES]);
  const working = open.filter(({ order }) => !isInFlightState(order.progress.state));
  const inFlight = open.filter(({ order }) => isInFlightState(order.progress.state));
  return {
    books: {
      cash: account?.cash ?? usd(0),
      positions: positions.map((position) => ({
        symbol: position.symbol,
        units: signedUnits(position.side, position.quantity),
        averagePrice: averageEntryPrice(position),
        lastPrice: position.lastPrice,
      })),
      openOrders: working.map(({ order }) => ({
        clientOrderId: order.intent.clientOrderId,
        filledQuantity: order.filledQuantity,
        state: order.progress.state,
      })),
    },
    mark: JSON.stringify([
      account?.cash,
      positions.map((position) => [position.symbol, position.quantity, position.costBasis]),
      open.map(({ order }) => [order.intent.clientOrderId, order.version]),
    ]),
    inFlight: inFlight.map(({ order }) => order.intent.clientOrderId),
  };
}

function isInFlightState(state: string): boolean {
  return (IN_FLIGHT_STATES as readonly string[]).includes(state);
}

function notCalm(why: string): Comparison {
  return { isCalm: false, why };
}
