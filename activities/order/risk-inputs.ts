import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { IN_FLIGHT_STATES, type OrderIntent, WORKING_STATES } from '../../domain/order/index.js';
import {
  type OpenOrderRemainder,
  type RiskAssessment,
  type RiskInputs,
  signedUnits,
  worstRemainders,
} from '../../domain/risk/index.js';
import { assert, type Price, subtractUsd, ZERO_USD } from '../../domain/values/index.js';
import type { World } from '../world.js';

export interface RiskQuestion {
  readonly intent: OrderIntent;
  readonly quotedPrice: Price | null;
  /** The order is not in the books: it holds no reservation yet. */
  readonly isNew: boolean;
  /** Whether an open order of the symbol counts beside the one that is judged. */
  readonly counts: (row: OrderRow) => boolean;
  /** What the order is to take the place of, which fills beside it at worst. */
  readonly replaced: OpenOrderRemainder | null;
}

/** Reads what an order is judged by, in the transaction that makes the judgement durable. */
export async function readRiskInputs(
  transaction: BooksTransaction,
  world: World,
  question: RiskQuestion,
): Promise<RiskInputs> {
  const { intent, quotedPrice, isNew, counts, replaced } = question;
  const { symbol, clientOrderId } = intent;
  const instrument = await transaction.instruments.bySymbol(symbol);
  const position = await transaction.positions.bySymbol(symbol);
  const open = await transaction.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES], symbol);
  const limits = await transaction.limits();
  assert(limits !== null, `expected limits of account ${intent.account} in the books`);
  const own = isNew ? null : await transaction.reservations.byOrder(clientOrderId);
  const totals = transaction.account.get();
  return {
    intent,
    nowAtMs: world.marketClock.nowMs(),
    voidThroughMs: world.stall.voidThroughMs(),
    haltMode: totals.haltMode,
    instrument,
    position: position === null ? 0 : signedUnits(position.side, position.quantity),
    openOrders: worstRemainders(open.filter(counts)),
    replaced,
    limits,
    totals: { ...totals, reserved: subtractUsd(totals.reserved, own?.amount ?? ZERO_USD) },
    quotedPrice,
  };
}

/** Keeps a judgement with everything it was made of. */
export async function recordDecision(
  transaction: BooksTransaction,
  inputs: RiskInputs,
  assessment: RiskAssessment,
): Promise<void> {
  const isDenied = assessment.decision === 'denied';
  await transaction.riskDecisions.record({
    clientOrderId: inputs.intent.clientOrderId,
    decision: assessment.decision,
    code: isDenied ? assessment.code : null,
    message: isDenied ? assessment.message : 'within all limits',
    inputs: JSON.stringify(inputs),
    atMs: inputs.nowAtMs,
  });
}
