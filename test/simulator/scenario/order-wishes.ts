import type { OrderIntent } from '../../../domain/order/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import { drawIntent } from './draw-intent.js';
import { askUntilDone, later, type Stage } from './stage.js';
import { cancelByWorkflow, cancelTwice } from './steering.js';

const CANCEL_SHARE = 0.3;
const DIRECT_START_SHARE = 0.3;

/** Somebody wants an order, and now and then changes his mind about it. */
export function wantOrder(stage: Stage, number: number): void {
  const { chance, exchange } = stage;
  const intent = drawIntent(chance, { ...stage, number, nowAtMs: exchange.nowMs });
  const { clientOrderId, type, side, symbol, quantity, orderClass } = intent;
  stage.time.note(`want ${clientOrderId}: ${side} ${quantity} ${symbol} ${orderClass} ${type}`);
  const isDirect = chance.hit(DIRECT_START_SHARE);
  askUntilDone(stage, clientOrderId, (process) =>
    isDirect
      ? process.world.drivers.startOrder(inputOf(stage, intent))
      : askByOutbox(stage, process, intent),
  );
  if (!chance.hit(CANCEL_SHARE)) return;
  const isPatient = chance.hit(0.5);
  later(stage, chance.between(10, 20_000), () =>
    (isPatient ? cancelByWorkflow : cancelTwice)(stage, clientOrderId),
  );
}

function inputOf({ settings: { pollIntervalMs } }: Stage, intent: OrderIntent): OrderInput {
  return { intent, correlationId: intent.clientOrderId, isResumed: false, pollIntervalMs };
}

/** As a session does: the signal and the promise to start its driver, in one transaction. */
async function askByOutbox(
  stage: Stage,
  { world }: OrdinisProcess,
  intent: OrderIntent,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const recorded = await transaction.signals.record({
      strategy: intent.strategy,
      symbol: intent.symbol,
      barEndAtMs: intent.decidedAtMs,
      leg: `${intent.leg}-${intent.clientOrderId}`,
      signal: '{}',
      clientOrderId: intent.clientOrderId,
      dataFeed: 'synthetic',
    });
    if (recorded === 'repeated') return;
    await transaction.outbox.post({
      kind: 'start_order',
      target: intent.clientOrderId,
      payload: JSON.stringify(inputOf(stage, intent)),
    });
  });
}
