import { createAlpacaBroker } from '../adapters/broker/alpaca/index.js';
import { BrokerUnavailable } from '../adapters/broker/errors.js';
import type { Broker } from '../adapters/broker/port.js';
import { ALPACA_PAPER } from './broker-connection.js';
import type { RunRecord } from './run-record.js';
import type { BrokerCredentials } from './start-options.js';

/**
 * A connection of one's own to the broker of a run: its paper exchange, or Alpaca with the keys
 * given. Where neither is known, every call says so.
 */
export function brokerOfRun(run: RunRecord | null, credentials: BrokerCredentials | null): Broker {
  if (run !== null && run.exchange !== null) return createAlpacaBroker(run.exchange);
  if (credentials !== null) return createAlpacaBroker({ ...ALPACA_PAPER, ...credentials });
  return unreachableBroker();
}

function unreachableBroker(): Broker {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new BrokerUnavailable('expected the run of this folder or broker keys, found neither'),
    );
  return {
    submitOrder: refuse,
    replaceOrder: refuse,
    cancelOrder: refuse,
    cancelAllOrders: refuse,
    orderById: refuse,
    orderByClientOrderId: refuse,
    openOrders: refuse,
    ordersSubmittedSince: refuse,
    fillActivitiesSince: refuse,
    positions: refuse,
    account: refuse,
    clock: refuse,
    calendar: refuse,
    asset: refuse,
    openTradeUpdates: refuse,
  };
}
