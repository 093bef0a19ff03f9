import { type OrderIntent, WITHOUT_EXITS } from '../../../domain/order/index.js';
import { NANOS_PER_UNIT, type Quantity, quantity } from '../../../domain/values/index.js';
import { cents } from '../exchange/simulated-exchange.js';
import type { Chance } from '../time/chance.js';

type Group = Pick<
  OrderIntent,
  | 'side'
  | 'quantity'
  | 'type'
  | 'limitPrice'
  | 'stopPrice'
  | 'timeInForce'
  | 'orderClass'
  | 'takeProfit'
  | 'stopLoss'
  | 'purpose'
>;

/** What a group is drawn around. */
export interface GroupGround {
  readonly side: OrderIntent['side'];
  readonly quantity: Quantity;
  /** The middle of the market, in cents. */
  readonly middle: number;
  /** What is held of the symbol and not on its way out, in signed nano-units. */
  readonly free: number;
}

/** An entry with two exits or one; where something is held, now and then two exits of it. */
export function drawGroup(chance: Chance, ground: GroupGround): Group {
  const kind = chance.one(['bracket', 'bracket', 'oto', 'oco'] as const);
  return kind === 'oco' && Math.abs(ground.free) >= NANOS_PER_UNIT
    ? exitsOf(chance, ground)
    : entryWithExits(chance, ground, kind === 'oto');
}

function entryWithExits(chance: Chance, ground: GroupGround, isAlone: boolean): Group {
  const { side, middle } = ground;
  const upwards = side === 'buy' ? 1 : -1;
  const isLimit = chance.hit(0.6);
  const base = isLimit ? middle - upwards * chance.whole(-8, 60) : middle;
  const takeProfit = cents(base + upwards * chance.whole(20, 150));
  const stopLoss = stopAt(chance, base - upwards * chance.whole(20, 150), upwards);
  const isProfit = chance.hit(0.5);
  return {
    side,
    quantity: ground.quantity,
    type: isLimit ? 'limit' : 'market',
    limitPrice: isLimit ? cents(base) : null,
    stopPrice: null,
    timeInForce: chance.one(['day', 'gtc'] as const),
    orderClass: isAlone ? 'oto' : 'bracket',
    takeProfit: isAlone && !isProfit ? null : takeProfit,
    stopLoss: isAlone && isProfit ? null : stopLoss,
    purpose: 'entry',
  };
}

function exitsOf(chance: Chance, { middle, free }: GroupGround): Group {
  const upwards = free > 0 ? 1 : -1;
  const takeProfit = cents(middle + upwards * chance.whole(5, 120));
  const units = Math.floor(Math.abs(free) / NANOS_PER_UNIT);
  return {
    ...WITHOUT_EXITS,
    side: free > 0 ? 'sell' : 'buy',
    quantity: quantity(chance.whole(1, units) * NANOS_PER_UNIT),
    type: 'limit',
    limitPrice: takeProfit,
    stopPrice: null,
    timeInForce: chance.one(['day', 'gtc'] as const),
    orderClass: 'oco',
    takeProfit,
    stopLoss: stopAt(chance, middle - upwards * chance.whole(5, 120), upwards),
    purpose: 'exit',
  };
}

/** A stop, in one of four cases with a limit a little beyond it. */
function stopAt(chance: Chance, stop: number, upwards: number): OrderIntent['stopLoss'] {
  const limit = chance.hit(0.25) ? cents(stop - upwards * chance.whole(5, 30)) : null;
  return { stopPrice: cents(stop), limitPrice: limit };
}
