import { placeOrder } from '../../../activities/order/place-order.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { epochMs, quantity, NANOS_PER_UNIT } from '../../../domain/values/index.js';
import type { Chance } from '../time/chance.js';
import { inputOf } from './order-input.js';
import { askUntilDone, later, type Stage } from './stage.js';

const AGAIN_SHARE = 0.12;
const SAME_SHARE = 0.4;
const AGAIN_MS = [200, 15_000] as const;

/**
 * Now and then somebody wishes under an id that was used: the same once more, or something else.
 * It goes the way that needs no workflow.
 */
export function wishAgain(stage: Stage, intent: OrderIntent): void {
  const { chance, exchange } = stage;
  if (!chance.hit(AGAIN_SHARE)) return;
  later(stage, chance.between(...AGAIN_MS), () => {
    // Before the first one is in the books, the second would be the first.
    if (stage.stateOf(intent.clientOrderId) === 'none') return;
    const wish = chance.hit(SAME_SHARE) ? intent : otherThan(chance, intent);
    const decidedAtMs = epochMs(Math.max(exchange.nowMs, intent.decidedAtMs + 1));
    const asked = { ...wish, decidedAtMs };
    stage.time.note(`want ${intent.clientOrderId} once more`);
    askUntilDone(stage, `${intent.clientOrderId} once more`, async ({ world }) => {
      await placeOrder(world, inputOf(stage, asked));
      stage.wishes.wishedUnderUsedId(asked);
    });
  });
}

function otherThan(chance: Chance, intent: OrderIntent): OrderIntent {
  const side = intent.side === 'buy' ? 'sell' : 'buy';
  const more = quantity(intent.quantity + NANOS_PER_UNIT);
  const symbol = intent.symbol === 'KO' ? 'IBM' : 'KO';
  const isByAmount = intent.amount !== null;
  const others = [
    { ...intent, side },
    { ...intent, symbol },
  ] as const;
  return isByAmount ? chance.one(others) : chance.one([...others, { ...intent, quantity: more }]);
}
