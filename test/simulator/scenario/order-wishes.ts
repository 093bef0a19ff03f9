import type { OrderIntent } from '../../../domain/order/index.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import { drawIntent } from './draw-intent.js';
import { inputOf } from './order-input.js';
import { askUntilDone, later, type Stage } from './stage.js';
import { cancelByWorkflow, cancelTwice } from './steering.js';
import { wishAgain } from './used-ids.js';

const CANCEL_SHARE = 0.3;
const DIRECT_START_SHARE = 0.3;
/** Most wait until orders are taken, though not for ever. */
const WAIT_SHARE = 0.8;
const WAIT_MS = [1_000, 5_000] as const;
const WAITS_MAX = 5;
const ENOUGH_MS = 4_000;

/** After a start nobody is there at once, and not all at the same time. */
const AFTER_START_MS = [200, 6_000] as const;

/**
 * Somebody wants an order while there is a process to ask, and now and then changes his mind about
 * it. Whoever finds none, or none that takes orders, comes again.
 */
export function wantOrder(stage: Stage, number: number, waits = 0): void {
  const { chance } = stage;
  const comeAgain = (delayMs: number): void =>
    later(stage, delayMs, () => wantOrder(stage, number, waits + 1));
  if (stage.orders.areEnough()) {
    // What is on its way may still come to less than it was counted for.
    if (stage.faults.isOn) comeAgain(ENOUGH_MS);
    return;
  }
  if (stage.process() === null) {
    stage.whenReady(() => comeAgain(chance.between(...AFTER_START_MS)));
    return;
  }
  if (!stage.isTrading() && waits < WAITS_MAX && chance.hit(WAIT_SHARE)) {
    comeAgain(chance.between(...WAIT_MS));
    return;
  }
  const isDirect = chance.hit(DIRECT_START_SHARE);
  const intent = decide(stage, number);
  askUntilDone(stage, intent.clientOrderId, (process) =>
    isDirect
      ? process.world.drivers.startOrder(inputOf(stage, intent))
      : askByOutbox(stage, process, intent),
  );
}

function decide(stage: Stage, number: number): OrderIntent {
  const { chance, exchange } = stage;
  const drawn = drawIntent(chance, { ...stage, number, nowAtMs: exchange.nowMs });
  const { intent } = drawn;
  const { clientOrderId, type, side, symbol, quantity, orderClass } = intent;
  stage.time.note(`want ${clientOrderId}: ${side} ${quantity} ${symbol} ${orderClass} ${type}`);
  stage.orders.wanted(intent);
  if (drawn.isNonsense) stage.wishes.isNonsense(clientOrderId);
  wishAgain(stage, intent);
  if (!chance.hit(CANCEL_SHARE)) return intent;
  const isPatient = chance.hit(0.5);
  later(stage, chance.between(10, 20_000), () =>
    (isPatient ? cancelByWorkflow : cancelTwice)(stage, clientOrderId),
  );
  return intent;
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
