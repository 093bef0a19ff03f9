import type {
  AlertRow,
  AuditEntry,
  BrokerEventRow,
  CashEntryRow,
  DiscrepancyRow,
  FillRow,
  HaltCauseRow,
  InstrumentRow,
  LimitsRow,
  NewAccount,
  OrderEventRow,
  OrderRow,
  PositionChangeRow,
  PositionRow,
  ReconciliationRunRow,
  ReservationRow,
  RiskDecisionRow,
  StrategySignalRow,
  StreamStateRow,
  SystemStateRow,
  TradeRow,
  TradingDayRow,
  TurnRow,
} from '../../adapters/store/port.js';
import {
  type ClientOrderId,
  type Order,
  type OrderProgress,
  parseClientOrderId,
  WITHOUT_EXITS,
  type ToldTrade,
} from '../../domain/order/index.js';
import {
  assert,
  type EpochMs,
  epochMs,
  price,
  quantity,
  usd,
  wholeUnits,
  ZERO_QUANTITY,
  ZERO_USD,
} from '../../domain/values/index.js';

export const ACCOUNT = 'sim-2013-10-07-1';
const OPEN_AT_MS = Date.UTC(2013, 9, 7, 13, 30);

/** An instant some seconds after the open of the recorded day. */
export function at(seconds: number): EpochMs {
  return epochMs(OPEN_AT_MS + seconds * 1_000);
}

export function idOf(text: string): ClientOrderId {
  const id = parseClientOrderId(text);
  assert(id !== null, `expected a client order id, found ${text}`);
  return id;
}

export function newAccount(account = ACCOUNT): NewAccount {
  return {
    account,
    mode: 'simulated',
    brokerAccountNumber: 'PA0001',
    openingCash: usd(100_000_000_000),
    createdAtMs: at(0),
  };
}

export function orderOf(
  clientOrderId: string,
  progress: OrderProgress = { state: 'created' },
): Order {
  return {
    intent: {
      account: ACCOUNT,
      clientOrderId: idOf(clientOrderId),
      strategy: 'moving-average-cross',
      leg: 'entry',
      symbol: 'SPY',
      side: 'buy',
      quantity: quantity(100_500_000_001),
      amount: null,
      type: 'stop_limit',
      limitPrice: price(145_200_000_001),
      stopPrice: price(145_100_000_000),
      timeInForce: 'day',
      extendedHours: false,
      ...WITHOUT_EXITS,
      purpose: 'entry',
      decidedAtMs: at(60),
      validUntilMs: at(120),
      decisionPrice: price(145_150_000_000),
      reason: 'fast mean above slow mean',
    },
    version: 1,
    progress,
    orderedQuantity: quantity(100_500_000_001),
    attempts: 0,
    filledQuantity: ZERO_QUANTITY,
    filledNotional: ZERO_USD,
    brokerFilledQuantity: ZERO_QUANTITY,
    brokerStatus: null,
    brokerUpdatedAt: null,
    parkedReason: null,
    createdAtMs: at(60),
    updatedAtMs: at(60),
  };
}

export function orderRow(clientOrderId: string, order: Partial<Order> = {}): OrderRow {
  return {
    order: { ...orderOf(clientOrderId), ...order },
    correlationId: `correlation-${clientOrderId}`,
    parent: null,
    replaces: null,
    lastError: null,
    rawBody: null,
  };
}

export function eventOf(clientOrderId: string, kind = 'created'): Omit<OrderEventRow, 'sequence'> {
  return {
    clientOrderId,
    kind,
    fromState: null,
    toState: 'created',
    outcome: 'moved',
    source: 'ordinis',
    detail: '{"why":"test"}',
    raw: '{"request":"submit"}',
    brokerEventId: null,
    atMs: at(60),
    recordedAtWallMs: at(61),
  };
}

/** A fill of an order, from and to whole units of its broker order. */
export function fillOf(clientOrderId: string, from: number, to: number): FillRow {
  return {
    fillId: `${clientOrderId}/${from}-${to}/execution`,
    clientOrderId,
    brokerOrderId: `broker-${clientOrderId}`,
    strategy: 'moving-average-cross',
    symbol: 'SPY',
    side: 'buy',
    cumulativeBefore: wholeUnits(from),
    cumulativeAfter: wholeUnits(to),
    price: price(145_200_000_000),
    notional: usd(145_200_000 * (to - from)),
    fee: usd(0),
    kind: 'execution',
    reversesFillId: null,
    replacesFillId: null,
    executionId: `execution-${clientOrderId}-${from}`,
    activityId: null,
    eventId: null,
    source: 'stream',
    atMs: at(70 + from),
    recordedAtWallMs: at(71 + from),
  };
}

export function reversalOf(fill: FillRow): FillRow {
  return {
    ...fill,
    fillId: `${fill.fillId}/reversal`,
    kind: 'reversal',
    reversesFillId: fill.fillId,
  };
}

export function positionRow(symbol: string, change: Partial<PositionRow> = {}): PositionRow {
  return {
    symbol,
    side: 'long',
    quantity: wholeUnits(100),
    costBasis: usd(14_520_000_000),
    realizedPnl: usd(-1_500_001),
    lastPrice: price(145_250_000_000),
    lastPriceAtMs: at(80),
    enteredAtMs: at(70),
    updatedAtMs: at(80),
    ...change,
  };
}

export function positionChangeRow(changeId: string, symbol = 'SPY'): PositionChangeRow {
  return {
    changeId,
    symbol,
    cause: 'fill',
    sideBefore: 'flat',
    quantityBefore: ZERO_QUANTITY,
    costBasisBefore: ZERO_USD,
    sideAfter: 'long',
    quantityAfter: wholeUnits(100),
    costBasisAfter: usd(14_520_000_000),
    realized: ZERO_USD,
    evidence: '{}',
    atMs: at(70),
  };
}

export function tradeRow(tradeId: string, change: Partial<TradeRow> = {}): TradeRow {
  return {
    tradeId,
    symbol: 'SPY',
    strategy: 'moving-average-cross',
    side: 'long',
    entryQuantity: wholeUnits(100),
    entryNotional: usd(14_520_000_000),
    exitQuantity: ZERO_QUANTITY,
    exitNotional: ZERO_USD,
    realizedPnl: ZERO_USD,
    fees: ZERO_USD,
    slippage: usd(-5),
    entryFillIds: ['a', 'b'],
    exitFillIds: [],
    openedAtMs: at(70),
    closedAtMs: null,
    ...change,
  };
}

export function reservationRow(clientOrderId: string): ReservationRow {
  return {
    clientOrderId,
    symbol: 'SPY',
    side: 'buy',
    openingQuantity: wholeUnits(100),
    unitPrice: price(145_200_000_001),
    amount: usd(14_520_000_001),
  };
}

export function cashEntryRow(entryId: string): CashEntryRow {
  return {
    entryId,
    kind: 'dividend',
    amount: usd(-12_345),
    evidence: '{"activity":"DIV"}',
    atMs: at(5),
  };
}

export function tradingDayRow(date: string): TradingDayRow {
  return {
    date,
    startEquity: usd(100_000_000_000),
    peakEquity: usd(100_500_000_000),
    lastEquity: usd(100_250_000_000),
    realizedPnl: usd(250_000_000),
    tradesClosed: 3,
    losingStreak: 1,
    ordersAdmitted: 8,
    ordersDenied: 1,
    startedAtMs: at(0),
    summarizedAtMs: null,
  };
}

export function systemStateRow(change: Partial<SystemStateRow> = {}): SystemStateRow {
  return { state: 'running', bootEpoch: 3, message: 'trades', updatedAtWallMs: at(1), ...change };
}

export function haltCauseRow(causeId: string): HaltCauseRow {
  return {
    causeId,
    reason: 'manual',
    mode: 'halted',
    message: 'stop',
    triggeredBy: 'alice',
    metadata: '{}',
    cancelPolicy: 'keep-protection',
    engagedAtWallMs: at(9),
    completedAtWallMs: null,
    releasedAtWallMs: null,
    releasedBy: null,
    releaseReason: null,
  };
}

export function limitsRow(): LimitsRow {
  return {
    orderNotionalMax: usd(25_000_000_000),
    positionNotionalMax: usd(50_000_000_000),
    leverageHundredths: 100,
    dailyLossMax: usd(1_000_000_000),
    dailyLossBasisPointsMax: 200,
    drawdownBasisPointsMax: 500,
    losingStreakMax: 5,
    updatedAtWallMs: at(0),
  };
}

export function signalRow(barEndSeconds: number, leg = 'entry'): StrategySignalRow {
  return {
    strategy: 'moving-average-cross',
    symbol: 'SPY',
    barEndAtMs: at(barEndSeconds),
    leg,
    signal: '{"direction":"long"}',
    clientOrderId: null,
    dataFeed: 'recorded',
  };
}

export function riskDecisionRow(clientOrderId: string): RiskDecisionRow {
  return {
    clientOrderId,
    decision: 'denied',
    code: 'buying_power',
    message: 'too little',
    inputs: '{"cash":1}',
    atMs: at(60),
  };
}

/** A turn of SPY whose stop is being canceled. */
export function turnRow(leg: string, symbol = 'SPY'): TurnRow {
  const { intent } = orderOf(`ord-${symbol}-${leg}-entry`);
  return {
    turn: {
      plan: {
        turnId: idOf(`ord-${symbol}-${leg}`),
        leg,
        fromSide: 'short',
        entry: { ...intent, symbol },
      },
      version: 1,
      progress: {
        state: 'canceling',
        removed: [idOf('stop')],
        bareSinceWallMs: at(70),
        alertedAtWallMs: null,
      },
      history: [
        { state: 'planned', atMs: at(60) },
        { state: 'canceling', atMs: at(61) },
      ],
      createdAtMs: at(60),
      updatedAtMs: at(61),
    },
  };
}

export function instrumentRow(symbol: string): InstrumentRow {
  return {
    symbol,
    assetId: `asset-${symbol}`,
    name: `${symbol} shares`,
    exchange: 'ARCA',
    tradable: true,
    shortable: false,
    fractionable: true,
    parkedReason: null,
    updatedAtWallMs: at(0),
  };
}

export function brokerEventRow(eventId: string, clientOrderId: string | null): BrokerEventRow {
  return {
    eventId,
    source: 'stream',
    event: 'fill',
    clientOrderId,
    brokerOrderId: null,
    outcome: 'applied',
    trade: null,
    raw: '{"event":"fill"}',
    streamEpoch: 2,
    receivedAtWallMs: at(71),
  };
}

export function toldTrade(): ToldTrade {
  return {
    executionId: 'b',
    previousExecutionId: 'a',
    price: price(145_010_000_000),
    quantity: wholeUnits(3),
    cumulative: wholeUnits(5),
    atMs: at(60),
  };
}

export function streamStateRow(): StreamStateRow {
  return {
    streamEpoch: 4,
    bootEpoch: 3,
    status: 'live',
    repairedThroughMs: at(70),
    message: 'complete',
    updatedAtWallMs: at(71),
  };
}

export function runRow(runId: string): ReconciliationRunRow {
  return {
    runId,
    trigger: 'startup',
    outcome: 'discrepancies',
    localPositions: 1,
    brokerPositions: 2,
    corrections: 0,
    message: 'one difference',
    startedAtWallMs: at(1),
    finishedAtWallMs: at(2),
  };
}

export function discrepancyRow(runId: string, subject: string): DiscrepancyRow {
  return {
    runId,
    kind: 'quantity_mismatch',
    subject,
    severity: 'medium',
    local: '{"quantity":1}',
    broker: '{"quantity":2}',
    action: 'alert_only',
  };
}

export function alertRow(alertId: string): AlertRow {
  return {
    alertId,
    type: 'trade_executed',
    severity: 'info',
    title: 'filled',
    message: 'BUY 100 SPY',
    metadata: '{}',
    atMs: at(70),
    recordedAtWallMs: at(71),
    acknowledgedBy: null,
  };
}

export function auditEntry(entity: string): AuditEntry {
  return { actor: 'ordinis', kind: 'order.created', entity, body: '{"a":1}', atWallMs: at(60) };
}
