import { join } from 'node:path';
import type { BrokerOrder, OrderRequest, TradeUpdate } from '../../adapters/broker/port.js';
import { openDatabase } from '../../adapters/store/prisma/index.js';
import { createDriverCalls } from '../../activities/order/driver-calls.js';
import { createOrderNotices } from '../../activities/order/order-notices.js';
import { placeOrder } from '../../activities/order/place-order.js';
import { applyUpdates } from '../../activities/stream/apply-updates.js';
import type { World } from '../../activities/world.js';
import { createFrameBacklog } from '../../activities/stream/frame-backlog.js';
import { assert, quantity } from '../../domain/values/index.js';
import { startOutboxDrainer } from '../../workers/outbox-drainer.js';
import { untilFilled } from './flights.js';
import { type Lane, openLanes } from './lanes.js';
import type { BenchStack } from './stack.js';
import { openStatementCounter, type StatementCount } from './statement-counter.js';

/** What the books cost by themselves: the same transactions, with nobody at the other ends. */
export interface BooksShare {
  readonly orders: number;
  readonly processorMsPerOrder: number;
  readonly wallMsPerOrder: number;
  readonly perOrder: StatementCount;
}

const WARM_UP = 20;

/**
 * Runs the transactions of an order's life on a database of their own, in this process alone: the
 * broker answers from memory, the drivers do nothing.
 */
export async function measureBooksAlone(stack: BenchStack, orders: number): Promise<BooksShare> {
  const statements = openStatementCounter();
  const database = await openDatabase({
    file: join(stack.dataDirectory, 'books-alone.db'),
    backupFolder: join(stack.dataDirectory, 'backups'),
    nowAtMs: stack.world.wallClock.nowMs(),
    onStatement: statements.note,
  });
  try {
    const streamEpoch = await copyState(stack.world, database.books);
    const script = { template: await orderTemplate(stack), streamEpoch };
    const world = aloneWorld(stack.world, database.books, script);
    const drainer = startOutboxDrainer(world);
    const [lane] = openLanes(world, stack.symbols);
    assert(lane !== undefined, 'expected a symbol');
    await writeOrders(world, lane, WARM_UP);
    const counted = statements.begin();
    const before = process.cpuUsage();
    const startedAtMs = performance.now();
    await writeOrders(world, lane, orders);
    const { user, system } = process.cpuUsage(before);
    const wallMsPerOrder = (performance.now() - startedAtMs) / orders;
    const total = counted();
    await drainer.stop();
    return {
      orders,
      processorMsPerOrder: (user + system) / 1_000 / orders,
      wallMsPerOrder,
      perOrder: { statements: total.statements / orders, commits: total.commits / orders },
    };
  } finally {
    await database.close();
  }
}

async function writeOrders(world: World, lane: Lane, orders: number): Promise<void> {
  for (let written = 0; written < orders; written += 1) {
    const input = lane.next();
    const { clientOrderId } = input.intent;
    const filled = untilFilled({ world }, clientOrderId);
    await world.driverCalls.during(clientOrderId, () => placeOrder(world, input));
    await filled;
  }
}

/** The account, as the startup workflow left it in the real books; its stream's epoch. */
async function copyState(from: World, books: World['books']): Promise<number> {
  const { account, reader } = from;
  const row = await reader.account();
  assert(row !== null, `expected account ${account} in the books`);
  await books.openAccount(row);
  const [system, stream, limits, day] = await Promise.all([
    reader.systemState.get(),
    reader.streamState.get(),
    reader.limits(),
    reader.tradingDays.latest(),
  ]);
  const instruments = await reader.instruments.all();
  assert(system !== null && stream !== null, 'expected a running system');
  assert(limits !== null && day !== null, 'expected limits and an open day');
  await books.transaction(account, async (transaction) => {
    await transaction.systemState.set(system);
    await transaction.streamState.set(stream);
    await transaction.putLimits(limits);
    await transaction.tradingDays.put(day);
    for (const instrument of instruments) await transaction.instruments.upsert(instrument);
  });
  return stream.streamEpoch;
}

/** A real order's body, so that what is stored has the usual size. */
async function orderTemplate({ world }: BenchStack): Promise<BrokerOrder> {
  const [recent] = await world.reader.orders.recent(1);
  assert(recent !== undefined, 'expected an order in the books');
  const shown = await world.broker.orderByClientOrderId(recent.order.intent.clientOrderId);
  assert(shown !== null, 'expected the order at the exchange');
  return shown;
}

/** What the broker answers from memory, and the stream that its frames come over. */
interface Script {
  readonly template: BrokerOrder;
  readonly streamEpoch: number;
}

function aloneWorld(real: World, books: World['books'], script: Script): World {
  const world: World = {
    ...real,
    books,
    reader: books.reader(real.account),
    submitPermit: () => ({ granted: true }),
    notices: createOrderNotices(),
    driverCalls: createDriverCalls(),
    frames: createFrameBacklog(),
    drivers: {
      running: async () => new Set(),
      startOrder: async () => undefined,
      signalOrder: async () => 'delivered',
      startTurn: async () => undefined,
      signalTurn: async () => 'delivered',
      signalHalt: async () => undefined,
      requestReconciliation: async () => undefined,
      ensureEntities: async () => undefined,
      pauseSchedules: async () => undefined,
    },
    broker: { ...real.broker, submitOrder: async (request) => answer(world, script, request) },
  };
  return world;
}

/**
 * Takes the order and lets the stream tell its fill right behind the answer, as the exchange does.
 */
async function answer(
  world: World,
  { template, streamEpoch }: Script,
  request: OrderRequest,
): Promise<{ readonly kind: 'accepted'; readonly order: BrokerOrder }> {
  const { clientOrderId, symbol, side } = request;
  const brokerOrderId = `broker-${clientOrderId}`;
  const wish = { clientOrderId, brokerOrderId, symbol, side, quantity: request.quantity };
  const filled = { ...template, ...wish, status: 'filled', filledQuantity: request.quantity };
  const accepted = { ...filled, status: 'new', filledQuantity: quantity(0) };
  const updates = [frame('new', accepted), frame('fill', filled)];
  setImmediate(() => {
    void applyUpdates(world, streamEpoch, updates);
  });
  return { kind: 'accepted', order: accepted };
}

function frame(event: string, order: BrokerOrder): TradeUpdate {
  const isFill = event === 'fill';
  return {
    event,
    eventId: `${event}-${order.brokerOrderId}`,
    previousExecutionId: null,
    executionId: isFill ? `execution-${order.brokerOrderId}` : null,
    price: isFill ? order.filledAveragePrice : null,
    quantity: isFill ? order.quantity : null,
    at: order.updatedAt,
    order,
    raw: order.raw,
  };
}
