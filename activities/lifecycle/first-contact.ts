import type { BrokerAccount } from '../../adapters/broker/port.js';
import { formatQuantity, formatUsd } from '../../domain/values/index.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';

/**
 * Meets the broker's account: opens it in the books with its cash when it is new and empty, or
 * proves that it is the one that the books know. An account that already holds something is listed,
 * and nothing is started on it.
 */
export async function meetAccount(world: World): Promise<string> {
  await refuseSkewedClock(world);
  const account = await world.broker.account();
  const known = await world.reader.account();
  if (known !== null && known.brokerAccountNumber !== account.accountNumber) {
    const expected = `account number ${known.brokerAccountNumber} in the books`;
    throw failure(
      'ConfigurationInvalid',
      `expected ${expected}, the broker shows ${account.accountNumber}: use another data folder`,
    );
  }
  if (account.blocked) {
    throw failure('ConfigurationInvalid', `the broker has blocked the account (${account.status})`);
  }
  if (known !== null) return `account ${account.accountNumber}, cash ${formatUsd(account.cash)}`;
  await refuseForeignHoldings(world);
  refuseVanishedMoney(account);
  await world.books.openAccount({
    account: world.account,
    mode: world.mode,
    brokerAccountNumber: account.accountNumber,
    openingCash: account.cash,
    createdAtMs: world.marketClock.nowMs(),
  });
  return `new account ${account.accountNumber} opened with cash ${formatUsd(account.cash)}`;
}

/** Sessions, order ids and the trading day follow the broker's clock; records follow ours. */
const CLOCK_SKEW_MS_MAX = 10_000;

/**
 * The one place that compares wall time with market time: at a broker whose time is the world's
 * they must agree, or one machine has a wrong clock. A simulated market has a time of its own.
 */
async function refuseSkewedClock(world: World): Promise<void> {
  if (world.mode === 'simulated') return;
  const beforeMs = world.wallClock.nowMs();
  const { atMs } = await world.broker.clock();
  const afterMs = world.wallClock.nowMs();
  const skewMs = Math.max(beforeMs - atMs, atMs - afterMs, 0);
  if (skewMs <= CLOCK_SKEW_MS_MAX) return;
  throw failure(
    'ConfigurationInvalid',
    `expected this machine's clock within ${CLOCK_SKEW_MS_MAX / 1_000} s of the broker's, found ` +
      `${Math.round(skewMs / 1_000)} s between them: set the clock, then start again`,
  );
}

/**
 * Brokers have shown accounts as empty for a while that were not. What the books open with is never
 * corrected by itself, so an empty account that had money at its last close is asked again.
 */
function refuseVanishedMoney({ cash, equity, lastEquity }: BrokerAccount): void {
  if (cash !== 0 || equity !== 0 || lastEquity <= 0) return;
  throw failure(
    'BrokerUnavailable',
    `the broker shows neither cash nor equity, and ${formatUsd(lastEquity)} at the last close: ` +
      'nothing is opened until it shows what is there',
  );
}

async function refuseForeignHoldings(world: World): Promise<void> {
  const positions = await world.broker.positions();
  const orders = await world.broker.openOrders();
  if (positions.length === 0 && orders.length === 0) return;
  const held = positions.map(
    ({ side, quantity, symbol }) => `${side} ${formatQuantity(quantity)} ${symbol}`,
  );
  const open = orders.map(
    ({ side, symbol, clientOrderId }) => `${side} ${symbol} ${clientOrderId}`,
  );
  throw failure(
    'ConfigurationInvalid',
    `expected an empty account at first contact, found positions [${held.join('; ')}] ` +
      `and open orders [${open.join('; ')}]: close them at the broker first`,
  );
}
