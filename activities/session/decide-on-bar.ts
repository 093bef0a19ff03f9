import type {
  BooksReader,
  BooksTransaction,
  OrderRow,
  PositionRow,
  Recorded,
} from '../../adapters/store/port.js';
import type { Bar } from '../../domain/market/index.js';
import { OPEN_STATES, type OrderIntent, remainingOf } from '../../domain/order/index.js';
import {
  type OrderSignal,
  type PlanContext,
  planOrder,
  type Signal,
  type TurnSignal,
} from '../../domain/signal/index.js';
import { OPEN_TURN_STATES, planTurn, TURNING_STATES } from '../../domain/turn/index.js';
import { ZERO_QUANTITY } from '../../domain/values/index.js';
import { sessionView } from '../../strategies/session-view.js';
import { denyOtherWish } from '../order/deny-wish.js';
import { turnInputOf } from '../turn/turn-view.js';
import { cancelLegs } from './cancel-legs.js';
import type { FeedContext } from './session-context.js';
import { newOrderInput, postStart } from '../order/driver-input.js';

/**
 * Lets the strategy see one complete bar and makes its opinion durable: each signal once, keyed by
 * strategy, symbol and bar, with the start of its order or of its turn in the same transaction.
 * Returns the client order ids that it asked for.
 */
export async function decideOnBar(context: FeedContext, bar: Bar): Promise<readonly string[]> {
  const { world, strategy, states, day } = context;
  const position = await world.reader.positions.bySymbol(bar.symbol);
  const open = await openOrdersOf(context, bar.symbol);
  const turning = await world.reader.turns.inStates(TURNING_STATES, bar.symbol);
  const { state, signals } = strategy.onBar({
    state: states.get(bar.symbol) ?? strategy.initialState,
    bar,
    position: holdingOf(position),
    openOrders: open.map(({ order }) => ({
      leg: order.intent.leg,
      side: order.intent.side,
      remaining: remainingOf(order),
    })),
    isTurning: turning.some(({ turn }) => turn.plan.entry.strategy === strategy.name),
    session: sessionView(day, bar.endAtMs),
  });
  states.set(bar.symbol, state);
  // A repeat after a crash finds another position, and might say something else: what was decided
  // on the bar stands.
  const earlier = await decidedOn(world.reader, context, bar);
  const said = earlier.length > 0 ? earlier : signals;
  if (said.length === 0) return [];
  const started = await recordSignals(context, { bar, signals: said, position });
  if (started.length > 0) world.crashPoint('after-decision');
  if (said.some(({ kind }) => kind === 'turn')) world.crashPoint('turn-planned');
  const before = open.filter(({ order }) => order.intent.decidedAtMs < bar.endAtMs);
  await cancelLegs(context, { bar, signals: said }, before);
  return started;
}

/** The signals that the strategy has given on the bar before; all of one bar are one commit. */
async function decidedOn(
  reader: Pick<BooksReader, 'signals'>,
  { strategy }: FeedContext,
  bar: Bar,
): Promise<readonly Signal[]> {
  const rows = await reader.signals.since(bar.endAtMs);
  return rows
    .filter((row) => row.strategy === strategy.name && row.symbol === bar.symbol)
    .filter((row) => row.barEndAtMs === bar.endAtMs)
    .map((row) => JSON.parse(row.signal) as Signal);
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
      if (signal.kind === 'turn') {
        await recordTurn(transaction, context, { decision, signal });
        continue;
      }
      const intent = signal.kind === 'order' ? plan(context, decision, signal) : null;
      const clientOrderId = intent?.clientOrderId ?? null;
      const recorded = await recordSignal(transaction, context, {
        decision,
        signal,
        clientOrderId,
      });
      if (intent === null) continue;
      started.push(intent.clientOrderId);
      if (recorded === 'repeated') continue;
      const held = (await transaction.orders.byClientOrderId(intent.clientOrderId))?.order.intent;
      const isOther =
        held !== undefined && (await denyOtherWish(transaction, world, { held, asked: intent }));
      if (!isOther) await askForOrder(transaction, context, intent);
    }
    return started;
  });
}

async function recordSignal(
  transaction: BooksTransaction,
  context: FeedContext,
  opinion: {
    readonly decision: Decision;
    readonly signal: Signal;
    readonly clientOrderId: string | null;
  },
): Promise<Recorded> {
  const { decision, signal, clientOrderId } = opinion;
  return transaction.signals.record({
    strategy: context.strategy.name,
    symbol: signal.symbol,
    barEndAtMs: decision.bar.endAtMs,
    leg: signal.leg,
    signal: JSON.stringify(signal),
    clientOrderId,
    dataFeed: context.input.dataFeed,
  });
}

/** A turn of the symbol that is not over takes no other beside it: the signal is kept, no more. */
async function recordTurn(
  transaction: BooksTransaction,
  context: FeedContext,
  { decision, signal }: { readonly decision: Decision; readonly signal: TurnSignal },
): Promise<void> {
  const planned = planTurn(signal, planContext(context, decision));
  const open = await transaction.turns.inStates(OPEN_TURN_STATES, signal.symbol);
  const turn = open.length === 0 ? planned : null;
  const clientOrderId = turn?.plan.turnId ?? null;
  const recorded = await recordSignal(transaction, context, { decision, signal, clientOrderId });
  if (turn === null || recorded === 'repeated') return;
  await transaction.turns.create({ turn });
  const payload = JSON.stringify(turnInputOf(turn));
  await transaction.outbox.post({ kind: 'start_turn', target: turn.plan.turnId, payload });
}

function plan(context: FeedContext, decision: Decision, signal: OrderSignal): OrderIntent | null {
  return planOrder(signal, planContext(context, decision));
}

function planContext(context: FeedContext, decision: Decision): PlanContext {
  return {
    account: context.world.account,
    strategy: context.strategy.name,
    decidedAtMs: decision.bar.endAtMs,
    decisionPrice: decision.bar.close,
    position: holdingOf(decision.position),
  };
}

async function askForOrder(
  transaction: BooksTransaction,
  context: FeedContext,
  intent: OrderIntent,
): Promise<void> {
  const wish = { intent, correlationId: intent.clientOrderId };
  await postStart(transaction, newOrderInput(context.world, wish));
}
