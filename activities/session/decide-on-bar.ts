import type { BooksTransaction, OrderRow, PositionRow } from '../../adapters/store/port.js';
import type { Bar } from '../../domain/market/index.js';
import { OPEN_STATES, type OrderIntent } from '../../domain/order/index.js';
import { type OrderSignal, planOrder, type Signal } from '../../domain/signal/index.js';
import { quantity, ZERO_QUANTITY } from '../../domain/values/index.js';
import { sessionView } from '../../strategies/session-view.js';
import type { OrderInput } from '../../workflows/contract/order.js';
import { cancelOrder } from '../order/cancel-order.js';
import type { FeedContext } from './session-context.js';

/**
 * Lets the strategy see one complete bar and makes its opinion durable: each signal once, keyed by
 * strategy, symbol and bar, with the start of its order in the same transaction. Returns the client
 * order ids that it asked for.
 */
export async function decideOnBar(context: FeedContext, bar: Bar): Promise<readonly string[]> {
  const { world, strategy, states, day } = context;
  const position = await world.reader.positions.bySymbol(bar.symbol);
  const open = await openOrdersOf(context, bar.symbol);
  const { state, signals } = strategy.onBar({
    state: states.get(bar.symbol) ?? strategy.initialState,
    bar,
    position: holdingOf(position),
    openOrders: open.map(({ order }) => ({
      leg: order.intent.leg,
      side: order.intent.side,
      remaining: quantity(order.intent.quantity - order.filledQuantity),
    })),
    session: sessionView(day, bar.endAtMs),
  });
  states.set(bar.symbol, state);
  if (signals.length === 0) return [];
  const started = await recordSignals(context, { bar, signals, position });
  if (started.length > 0) world.crashPoint('after-decision');
  await cancelLegs(context, signals, open);
  return started;
}

function holdingOf(position: PositionRow | null): Pick<PositionRow, 'side' | 'quantity'> {
  return position ?? { side: 'flat', quantity: ZERO_QUANTITY };
}

async function openOrdersOf(context: FeedContext, symbol: string): Promise<readonly OrderRow[]> {
  const rows = await context.world.reader.orders.inStates(OPEN_STATES, symbol);
  return rows.filter(({ order }) => order.intent.strategy === context.strategy.name);
}

interface Decision {
  readonly bar: Bar;
  readonly signals: readonly Signal[];
  readonly position: PositionRow | null;
}

async function recordSignals(context: FeedContext, decision: Decision): Promise<readonly string[]> {
  const { world } = context;
  return world.books.transaction(world.account, async (transaction) => {
    const started: string[] = [];
    for (const signal of decision.signals) {
      const intent = signal.kind === 'order' ? plan(context, decision, signal) : null;
      const recorded = await transaction.signals.record({
        strategy: context.strategy.name,
        symbol: signal.symbol,
        barEndAtMs: decision.bar.endAtMs,
        leg: signal.leg,
        signal: JSON.stringify(signal),
        clientOrderId: intent?.clientOrderId ?? null,
        dataFeed: context.input.dataFeed,
      });
      if (intent === null) continue;
      started.push(intent.clientOrderId);
      if (recorded === 'recorded') await askForOrder(transaction, context, intent);
    }
    return started;
  });
}

function plan(context: FeedContext, decision: Decision, signal: OrderSignal): OrderIntent | null {
  return planOrder(signal, {
    account: context.world.account,
    strategy: context.strategy.name,
    decidedAtMs: decision.bar.endAtMs,
    decisionPrice: decision.bar.close,
    position: holdingOf(decision.position),
  });
}

async function askForOrder(
  transaction: BooksTransaction,
  context: FeedContext,
  intent: OrderIntent,
): Promise<void> {
  const input: OrderInput = {
    intent,
    correlationId: intent.clientOrderId,
    isResumed: false,
    pollIntervalMs: context.world.settings.pollIntervalMs,
  };
  await transaction.outbox.post({
    kind: 'start_order',
    target: intent.clientOrderId,
    payload: JSON.stringify(input),
  });
}

/** A cancel signal means every open order of the strategy's leg. */
async function cancelLegs(
  context: FeedContext,
  signals: readonly Signal[],
  open: readonly OrderRow[],
): Promise<void> {
  for (const signal of signals) {
    if (signal.kind !== 'cancel') continue;
    const meant = open.filter(({ order }) => order.intent.leg === signal.leg);
    for (const { order } of meant) {
      const request = { requestedBy: context.strategy.name, reason: signal.reason };
      await cancelOrder(context.world, order.intent.clientOrderId, request);
    }
  }
}
