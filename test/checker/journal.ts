import { z } from 'zod';
import { microsOf, nanosOf } from './exact.js';

/** An order as the broker holds it after everything that happened to it. */
export interface BrokerOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly timeInForce: string;
  /** Null where dollars were ordered instead of units. */
  readonly quantityNanos: bigint | null;
  readonly limitPriceNanos: bigint | null;
  readonly stopPriceNanos: bigint | null;
  readonly status: string;
  readonly filledNanos: bigint;
}

/** One execution of the broker, in the order in which they happened. */
export interface BrokerExecution {
  readonly executionId: string;
  readonly activityId: string;
  readonly brokerOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantityNanos: bigint;
  readonly priceNanos: bigint;
  readonly cumulativeNanos: bigint;
  readonly cashMicros: bigint;
}

/** A request for a new order that reached the broker. */
export interface Submission {
  readonly clientOrderId: string;
  readonly receivedWallMs: number;
  /** Null: the broker never looked at it. */
  readonly status: number | null;
}

/** What really happened, as the broker wrote it down. */
export interface Journal {
  readonly openingCashMicros: bigint;
  /** By broker order id. */
  readonly orders: ReadonlyMap<string, BrokerOrder>;
  readonly executions: readonly BrokerExecution[];
  readonly submissions: readonly Submission[];
  /** Faults that hit something. */
  readonly firedFaults: readonly string[];
}

const order = z.object({
  id: z.string(),
  client_order_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  type: z.string(),
  time_in_force: z.string(),
  qty: z.string().nullable(),
  filled_qty: z.string(),
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  status: z.string(),
});
const execution = z.object({
  kind: z.literal('execution'),
  executionId: z.string(),
  activityId: z.string(),
  orderId: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  quantity: z.string(),
  price: z.string(),
  cumulativeQuantity: z.string(),
  cash: z.string(),
});
const request = z.object({
  kind: z.literal('request'),
  method: z.string(),
  path: z.string(),
  clientOrderId: z.string().nullable(),
  status: z.number().nullable(),
  receivedWallMs: z.number(),
});
const entry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account_opened'), cash: z.string() }),
  z.object({ kind: z.literal('order'), order }),
  z.object({ kind: z.literal('fault'), change: z.string(), action: z.string().optional() }),
  z.object({ kind: z.enum(['session', 'stream', 'borrow']) }),
  execution,
  execution.extend({ kind: z.literal('execution_busted'), previousExecutionId: z.string() }),
  execution.extend({ kind: z.literal('execution_corrected'), previousExecutionId: z.string() }),
  request,
]);
const entries = z.array(entry);

/** Reads the entries of `GET /_journal`, from the first on. */
export function readJournal(raw: unknown): Journal {
  const orders = new Map<string, BrokerOrder>();
  let executions: BrokerExecution[] = [];
  const submissions: Submission[] = [];
  const firedFaults: string[] = [];
  let openingCashMicros: bigint | null = null;
  for (const one of entries.parse(raw)) {
    if (one.kind === 'account_opened') openingCashMicros = microsOf(one.cash);
    if (one.kind === 'order') orders.set(one.order.id, orderOf(one.order));
    if (one.kind === 'execution') executions.push(executionOf(one));
    if (one.kind === 'execution_busted') executions = without(executions, one.previousExecutionId);
    if (one.kind === 'execution_corrected') {
      executions = executions.map((before) =>
        before.executionId === one.previousExecutionId ? executionOf(one) : before,
      );
    }
    if (one.kind === 'fault' && one.change === 'fired') firedFaults.push(one.action ?? '');
    if (one.kind === 'request' && isSubmission(one)) submissions.push(submissionOf(one));
  }
  if (openingCashMicros === null) {
    throw new Error('expected a journal from its first entry on, found none that opens an account');
  }
  return { openingCashMicros, orders, executions, submissions, firedFaults };
}

/** An execution that was taken back is gone, and what its order filled after it ends lower. */
function without(executions: readonly BrokerExecution[], executionId: string): BrokerExecution[] {
  const index = executions.findIndex((one) => one.executionId === executionId);
  const gone = executions[index];
  if (gone === undefined) throw new Error(`expected execution ${executionId} before its bust`);
  return executions.flatMap((one, at) => {
    if (at === index) return [];
    const isAbove = at > index && one.brokerOrderId === gone.brokerOrderId;
    const cumulativeNanos = one.cumulativeNanos - (isAbove ? gone.quantityNanos : 0n);
    return [{ ...one, cumulativeNanos }];
  });
}

/** Statuses in which the broker will do nothing more with an order. */
const CLOSED = new Set(['filled', 'canceled', 'expired', 'replaced', 'rejected']);

export function isOpenAtBroker({ status }: Pick<BrokerOrder, 'status'>): boolean {
  return !CLOSED.has(status);
}

function isSubmission({ method, path }: z.infer<typeof request>): boolean {
  const isReplacement = method === 'PATCH' && path.startsWith('/v2/orders/');
  return isReplacement || (method === 'POST' && path === '/v2/orders');
}

function submissionOf(one: z.infer<typeof request>): Submission {
  const { clientOrderId, receivedWallMs, status } = one;
  return { clientOrderId: clientOrderId ?? '', receivedWallMs, status };
}

function orderOf(one: z.infer<typeof order>): BrokerOrder {
  return {
    id: one.id,
    clientOrderId: one.client_order_id,
    symbol: one.symbol,
    side: one.side,
    type: one.type,
    timeInForce: one.time_in_force,
    quantityNanos: one.qty === null ? null : nanosOf(one.qty),
    limitPriceNanos: one.limit_price === null ? null : nanosOf(one.limit_price),
    stopPriceNanos: one.stop_price === null ? null : nanosOf(one.stop_price),
    status: one.status,
    filledNanos: nanosOf(one.filled_qty),
  };
}

function executionOf(one: Omit<z.infer<typeof execution>, 'kind'>): BrokerExecution {
  return {
    executionId: one.executionId,
    activityId: one.activityId,
    brokerOrderId: one.orderId,
    symbol: one.symbol,
    side: one.side,
    quantityNanos: nanosOf(one.quantity),
    priceNanos: nanosOf(one.price),
    cumulativeNanos: nanosOf(one.cumulativeQuantity),
    cashMicros: microsOf(one.cash),
  };
}
