import { createAlpacaBroker } from '../adapters/broker/alpaca/index.js';
import {
  type BreakerChange,
  type GuardedBroker,
  guardBroker,
} from '../adapters/broker/guarded-broker.js';
import type { MarketData, MarketPace } from '../adapters/broker/port.js';
import { createTokenBucket } from '../adapters/broker/rate-limit.js';
import {
  createAlpacaMarketData,
  createLockstepPace,
  createRealtimePace,
} from '../adapters/market-data/alpaca/index.js';
import type { Log, MarketClock, WallClock } from '../activities/world.js';
import { openRunningClock, openSteppedClock } from './clocks.js';
import type { ExchangeAddresses } from './exchange-record.js';
import { type BrokerCredentials, StartRefused } from './start-options.js';

/** Alpaca's own hosts for paper accounts. */
export const ALPACA_PAPER: Omit<ExchangeAddresses, 'notes'> = {
  tradingUrl: 'https://paper-api.alpaca.markets',
  streamUrl: 'wss://paper-api.alpaca.markets/stream',
  dataUrl: 'https://data.alpaca.markets',
  dataStreamUrl: 'wss://stream.data.alpaca.markets/v2/iex',
};

/** Alpaca's limit for an account, and what of it only cancels may use. */
const REQUESTS_PER_MINUTE = 200;
const RESERVED_FOR_CANCELS = 40;
/** Our own exchange has no limit in lockstep: market time is compressed. */
const REQUESTS_PER_MINUTE_SIMULATED = 600_000;

export interface BrokerConnection {
  readonly broker: GuardedBroker;
  readonly marketData: MarketData;
  readonly pace: MarketPace;
  readonly marketClock: MarketClock;
  /** What decisions record as their source of prices. */
  readonly dataFeed: string;
  /** Says who is told of the circuit breakers, once there are books to keep it in. */
  onBreakerChange(listener: (change: BreakerChange) => void): void;
}

export interface BrokerWish {
  readonly addresses: Omit<ExchangeAddresses, 'notes'>;
  readonly credentials: BrokerCredentials;
  readonly symbols: readonly string[];
  /** Our own exchange in lockstep, or a broker whose time is the wall's. */
  readonly time: 'lockstep' | 'realtime';
  readonly feed: 'iex' | 'sip';
  readonly dataFeed: string;
  readonly wallClock: WallClock;
  readonly log: Log;
}

/**
 * Connects to the broker: the same code for our own exchange and for Alpaca, by addresses alone.
 */
export async function connectBroker(wish: BrokerWish): Promise<BrokerConnection> {
  const guarded = openGuardedBroker(wish);
  const { broker, onBreakerChange } = guarded;
  const { addresses, credentials, feed, dataFeed } = wish;
  const { dataUrl } = addresses;
  // Prices have a limit of their own: what their host says of it tells nothing about orders.
  const marketData = createAlpacaMarketData({ dataUrl, ...credentials, feed });
  const clock = await broker.clock();
  const shared = { broker, marketData, onBreakerChange };
  if (wish.time === 'lockstep') {
    const pace = createLockstepPace({ exchangeUrl: addresses.tradingUrl, keys: credentials });
    return { ...shared, pace, marketClock: openSteppedClock(clock.atMs), dataFeed };
  }
  const allowed = await marketData.verifyDataFeed(feed);
  if (!allowed.ok) {
    throw new StartRefused(`data feed ${feed}: ${allowed.message}; use --data-feed iex`, 2);
  }
  const dataStreamUrl = new URL(`/v2/${feed}`, addresses.dataStreamUrl).href;
  const pace = createRealtimePace({
    broker,
    marketData,
    stream: { dataStreamUrl, ...credentials },
    symbols: wish.symbols,
    deliveredThroughMs: null,
  });
  return { ...shared, pace, marketClock: openRunningClock(clock.atMs), dataFeed: feed };
}

type GuardedAccess = Pick<BrokerConnection, 'broker' | 'onBreakerChange'>;

/** The broker behind one budget of requests and a circuit breaker for each class of them. */
function openGuardedBroker({
  addresses,
  credentials,
  time,
  wallClock,
  log,
}: BrokerWish): GuardedAccess {
  const bucket = createTokenBucket({
    requestsPerMinute: time === 'lockstep' ? REQUESTS_PER_MINUTE_SIMULATED : REQUESTS_PER_MINUTE,
    reservedForCancels: RESERVED_FOR_CANCELS,
    nowMs: () => wallClock.monotonicMs(),
    wallNowMs: () => wallClock.nowMs(),
  });
  const onRateLimit = (remaining: number, resetAtS: number): void =>
    bucket.observeHeaders(remaining, resetAtS);
  const listeners: ((change: BreakerChange) => void)[] = [];
  // A list that has begun is read to its end, whatever is left: to begin anew would cost more.
  const onNextPage = (): void => void bucket.take('read');
  const bare = createAlpacaBroker({ ...addresses, ...credentials, onRateLimit, onNextPage });
  const broker = guardBroker(bare, {
    bucket,
    monotonicNowMs: () => wallClock.monotonicMs(),
    onBreakerChange: (change) => {
      log.warn({ ...change }, 'circuit breaker changed');
      for (const listener of listeners) listener(change);
    },
  });
  const onBreakerChange = (listener: (change: BreakerChange) => void): void =>
    void listeners.push(listener);
  return { broker, onBreakerChange };
}
