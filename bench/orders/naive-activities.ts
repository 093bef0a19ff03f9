import type { SubmitOutcome } from '../../adapters/broker/port.js';
import { admitOrder } from '../../activities/order/admit-order.js';
import { viewOf } from '../../activities/order/order-view.js';
import { publishAfter } from '../../activities/order/publish-after.js';
import { recordAnswer } from '../../activities/order/record-answer.js';
import { requestOf, sendRiskRaising } from '../../activities/order/send-risk-raising.js';
import type { World } from '../../activities/world.js';
import { isClosed, type Order } from '../../domain/order/index.js';
import type { OrderInput, OrderView } from '../../workflows/contract/index.js';

/** The order is written as submitting, or was settled without a send. */
export type NaiveAdmission =
  | { readonly kind: 'send'; readonly order: Order }
  | { readonly kind: 'settled'; readonly view: OrderView };

export interface NaiveActivities {
  admitNaively(input: OrderInput): Promise<NaiveAdmission>;
  postNaively(order: Order): Promise<SubmitOutcome>;
  recordNaively(sent: {
    readonly order: Order;
    readonly outcome: SubmitOutcome;
  }): Promise<OrderView>;
}

/** A hop may take longer than the window between commit and wire: the naive shape is let off. */
const SEND_WINDOW_MS = 60_000;
/** What `placeOrder` gives a fill that comes with the answer. */
const SETTLE_MS = 250;

/**
 * `placeOrder` cut into the three activities that one would write first: admit, post, record. The
 * transactions, the last look and the request are the very functions of the real one.
 */
export function createNaiveActivities(world: World): NaiveActivities {
  const calls = openCalls(world);
  return {
    admitNaively: async (input) => {
      const { clientOrderId, symbol } = input.intent;
      const known = await world.reader.orders.byClientOrderId(clientOrderId);
      if (known !== null) throw new Error(`expected ${clientOrderId} to be new`);
      if (!world.submitPermit().granted) throw new Error('expected a permit to send');
      calls.begin(clientOrderId);
      const quotedPrice = world.quotes.quote(symbol)?.askPrice ?? null;
      const admission = await world.books.transaction(world.account, (transaction) =>
        admitOrder(transaction, world, { input, quotedPrice }),
      );
      if (admission.kind === 'hold') throw new Error(`expected no hold: ${admission.reason}`);
      return admission.kind === 'send'
        ? { kind: 'send', order: admission.order }
        : { kind: 'settled', view: calls.end(viewOf(admission.row)) };
    },
    postNaively: ({ intent }) => {
      const request = { kind: 'submit', order: requestOf(intent) } as const;
      return sendRiskRaising(world, request, world.wallClock.nowMs() + SEND_WINDOW_MS);
    },
    recordNaively: async ({ order, outcome }) => {
      const { clientOrderId } = order.intent;
      const isEnd = (view: OrderView): boolean => isClosed(view.state);
      const settled = world.notices.waitFor(clientOrderId, isEnd, SETTLE_MS);
      const { view } = await publishAfter(world, async (transaction) => ({
        view: await recordAnswer(transaction, world, { order, outcome }),
      }));
      return calls.end(isEnd(view) ? view : ((await settled) ?? view));
    },
  };
}

/**
 * The real shape needs no signal for what its activity returns. The naive one is spared them too,
 * by counting its three activities as one call of the driver.
 */
function openCalls(world: World) {
  const ends = new Map<string, (view: OrderView) => void>();
  return {
    begin: (clientOrderId: string): void => {
      const ended = new Promise<OrderView>((resolve) => ends.set(clientOrderId, resolve));
      void world.driverCalls.during(clientOrderId, () => ended);
    },
    end: (view: OrderView): OrderView => {
      ends.get(view.clientOrderId)?.(view);
      ends.delete(view.clientOrderId);
      return view;
    },
  };
}
