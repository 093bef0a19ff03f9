import {
  isClosed,
  type Order,
  type OrderState,
  remainingOf,
  revisionBaseOf,
  type Side,
} from '../order/index.js';
import { quantity } from '../values/index.js';
import type { OpenOrderRemainder } from './exposure.js';

/** An open order, and the order whose leg it is. */
export interface OpenOrder {
  readonly order: Order;
  readonly parent: string | null;
}

/** A remainder that counts, under the key of the orders of which only one can fill. */
interface Counted {
  readonly group: string;
  readonly chain: string;
  readonly side: Side;
  readonly remaining: number;
}

/**
 * What the open orders of one symbol may still fill at worst. Of the exits of a group only one can
 * fill, so a group counts once, by its larger exit; the exits of an entry that is not at its end
 * count nothing, since each unit of theirs follows one that the entry has filled. An order and its
 * replacement both count: the broker may fill one in part before it gives its place to the other.
 */
export function worstRemainders(open: readonly OpenOrder[]): readonly OpenOrderRemainder[] {
  const entries = new Set(open.filter(isOpenEntry).map((one) => revisionBaseOf(idOf(one))));
  const counted = open
    .filter(({ parent }) => parent === null || !entries.has(revisionBaseOf(parent)))
    .map(asCounted);
  return [...grouped(counted, ({ group, side }) => `${side} ${group}`)].map((members) => {
    const chains = grouped(members, ({ chain }) => chain);
    const sums = chains.map((chain) => chain.reduce((sum, { remaining }) => sum + remaining, 0));
    return { side: members[0].side, remaining: quantity(Math.max(...sums)) };
  });
}

/** Whether an order is still the entry of a group: its exits wait for its end. */
function isOpenEntry({ order, parent }: OpenOrder): boolean {
  const { orderClass } = order.intent;
  const state: OrderState = order.progress.state;
  return parent === null && (orderClass === 'bracket' || orderClass === 'oto') && !isClosed(state);
}

function asCounted(one: OpenOrder): Counted {
  const { order, parent } = one;
  const chain = revisionBaseOf(idOf(one));
  return {
    group: parent === null ? chain : revisionBaseOf(parent),
    chain,
    side: order.intent.side,
    remaining: remainingOf(order),
  };
}

function idOf({ order }: OpenOrder): string {
  return order.intent.clientOrderId;
}

type Some<Item> = readonly [Item, ...Item[]];

function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Some<Item>[] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
