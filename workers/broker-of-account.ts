import { createAlpacaBroker } from '../adapters/broker/alpaca/index.js';
import { BrokerUnavailable } from '../adapters/broker/errors.js';
import type { Broker } from '../adapters/broker/port.js';
import { isAtAlpaca } from './alpaca-account.js';
import { ALPACA_PAPER } from './broker-connection.js';
import type { RunRecord } from './run-record.js';
import type { BrokerCredentials } from './start-options.js';

/** Whose broker is looked for, and what is known of the way to it. */
export interface BrokerSearch {
  readonly account: string | null;
  /** The last run of the folder, whichever account it traded. */
  readonly run: RunRecord | null;
  /** For an account at Alpaca. */
  readonly credentials: BrokerCredentials | null;
}

/** The last run of the folder, where it traded this account; never another's. */
export function runOfAccount({ account, run }: BrokerSearch): RunRecord | null {
  return run !== null && run.account === account ? run : null;
}

/**
 * A connection of one's own to the broker of an account: the paper exchange of its run, or Alpaca
 * with the keys given. Where neither is known, every call says so.
 */
export function brokerOfAccount(search: BrokerSearch): Broker {
  const { account, credentials } = search;
  const exchange = runOfAccount(search)?.exchange ?? null;
  if (exchange !== null) return createAlpacaBroker(exchange);
  if (!isAtAlpaca(account)) {
    return unreachableBroker(
      account === null
        ? 'expected an account in this folder, found none: no broker is known'
        : `expected a run of account ${account} in this folder, found none; start it: the paper ` +
            'exchange ended with it and goes on with it',
    );
  }
  if (credentials !== null) return createAlpacaBroker({ ...ALPACA_PAPER, ...credentials });
  return unreachableBroker(
    `expected keys for account ${account}, found none; ` +
      'set APCA_API_KEY_ID and APCA_API_SECRET_KEY, or name a file with --keys-file',
  );
}

function unreachableBroker(why: string): Broker {
  const refuse = (): Promise<never> => Promise.reject(new BrokerUnavailable(why));
  return {
    submitOrder: refuse,
    replaceOrder: refuse,
    cancelOrder: refuse,
    cancelAllOrders: refuse,
    orderById: refuse,
    orderByClientOrderId: refuse,
    openOrders: refuse,
    ordersSubmittedSince: refuse,
    ordersSubmittedBefore: refuse,
    fillActivitiesSince: refuse,
    cashActivitiesSince: refuse,
    positions: refuse,
    account: refuse,
    clock: refuse,
    calendar: refuse,
    asset: refuse,
    openTradeUpdates: refuse,
  };
}
