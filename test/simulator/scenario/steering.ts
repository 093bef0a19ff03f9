import { wholeUnits } from '../../../domain/values/index.js';
import type { VenueOrder } from '../../../exchange/matching/index.js';
import {
  cancelOrder,
  type CancelRequest,
  orderWorkflowId,
  replaceOrder,
  type ReplaceRequest,
} from '../../../workflows/contract/index.js';
import { cents } from '../exchange/simulated-exchange.js';
import { toPayload } from '../temporal/payloads.js';
import { isSimulatedSymbol } from './market-walk.js';
import { isForeignOrder } from './mischief.js';
import { later, type Stage } from './stage.js';

const VISITS = [6, 14] as const;
const CANCEL_SHARE = 0.4;
const IMPATIENT_MS = [50, 3_000] as const;

/** Whatever rests at the exchange, legs of groups too, is now and then canceled or replaced. */
export function steerWhatRests(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  const visits = chance.whole(...VISITS);
  for (let visit = 0; visit < visits; visit += 1) {
    later(stage, chance.between(6_000, lastsMs * 0.95), () => steerOne(stage));
  }
}

function steerOne(stage: Stage): void {
  const { chance, exchange } = stage;
  const [first, ...others] = exchange.engine.book.open().filter((one) => !isForeignOrder(one));
  if (first === undefined) return;
  const order = chance.one([first, ...others]);
  if (chance.hit(CANCEL_SHARE)) cancelByWorkflow(stage, order.clientOrderId);
  else replaceByWorkflow(stage, order);
}

const CANCEL: CancelRequest = { requestedBy: 'trader', reason: 'changed my mind' };

export function cancelByWorkflow(stage: Stage, clientOrderId: string): void {
  ask(stage, { clientOrderId, update: cancelOrder.name, request: CANCEL });
}

/** A second cancel of the same order, as by an impatient trader. */
export function cancelTwice(stage: Stage, clientOrderId: string): void {
  cancelByWorkflow(stage, clientOrderId);
  later(stage, stage.chance.between(...IMPATIENT_MS), () => cancelByWorkflow(stage, clientOrderId));
}

function replaceByWorkflow(stage: Stage, order: VenueOrder): void {
  const { chance, exchange, market } = stage;
  const middle = isSimulatedSymbol(order.symbol) ? market.centsOf(order.symbol) : 10_000;
  const towards = order.side === 'buy' ? -1 : 1;
  const isNewQuantity = chance.hit(0.3);
  const request: ReplaceRequest = {
    requestedBy: 'trader',
    reason: 'changed my mind',
    decidedAtMs: exchange.nowMs,
    quantity: isNewQuantity ? wholeUnits(chance.whole(1, 40)) : null,
    limitPrice: order.limitPrice === null ? null : cents(middle + towards * chance.whole(-10, 120)),
    stopPrice: order.stopPrice === null ? null : cents(middle - towards * chance.whole(5, 90)),
    timeInForce: chance.hit(0.1) ? 'gtc' : null,
  };
  const { clientOrderId } = order;
  ask(stage, { clientOrderId, update: replaceOrder.name, request });
}

interface Ask {
  readonly clientOrderId: string;
  readonly update: string;
  readonly request: CancelRequest | ReplaceRequest;
}

function ask({ server, account, time }: Stage, { clientOrderId, update, request }: Ask): void {
  const id = orderWorkflowId(account, clientOrderId);
  time.note(`${update} ${clientOrderId}`);
  server.update(id, update, [toPayload(request)]).then(
    (outcome) => time.note(`${update} ${clientOrderId} answered ${JSON.stringify(outcome)}`),
    (error: unknown) => time.note(`${update} ${clientOrderId} failed: ${String(error)}`),
  );
}
