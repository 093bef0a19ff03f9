import type { OrderView } from '../../workflows/contract/index.js';

/**
 * The calls that order drivers are waiting for in this process. What such a call returns needs no
 * signal beside it; a result that is lost is asked for again, and then tells the same.
 */
export interface DriverCalls {
  /** Runs a driver's call; a second one of the same order joins the first. */
  during(clientOrderId: string, call: () => Promise<OrderView>): Promise<OrderView>;
  /** Resolves when the call of this order that is under way, if any, has ended, however it did. */
  ended(clientOrderId: string): Promise<void>;
  /** `told`: the driver gets this version by a call's result. `telling`: a call is under way. */
  standing(clientOrderId: string, version: number): 'told' | 'telling' | 'untold';
  /** How many calls are under way. */
  underWay(): number;
}

/** How many orders back it is remembered what drivers were told. */
const REMEMBERED_MAX = 10_000;

export function createDriverCalls(): DriverCalls {
  const underWay = new Map<string, Promise<OrderView>>();
  const told = new Map<string, number>();
  const remember = (view: OrderView): void => {
    told.delete(view.clientOrderId);
    told.set(view.clientOrderId, view.version);
    const oldest = told.size > REMEMBERED_MAX ? told.keys().next().value : undefined;
    if (oldest !== undefined) told.delete(oldest);
  };
  return {
    during: (clientOrderId, call) => {
      const running = underWay.get(clientOrderId);
      if (running !== undefined) return running;
      const started = call()
        .then((view) => {
          remember(view);
          return view;
        })
        .finally(() => underWay.delete(clientOrderId));
      underWay.set(clientOrderId, started);
      return started;
    },
    ended: async (clientOrderId) => {
      await Promise.allSettled([underWay.get(clientOrderId)]);
    },
    standing: (clientOrderId, version) => {
      if ((told.get(clientOrderId) ?? 0) >= version) return 'told';
      return underWay.has(clientOrderId) ? 'telling' : 'untold';
    },
    underWay: () => underWay.size,
  };
}
