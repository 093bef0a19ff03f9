import { createAlpacaBroker } from '../adapters/broker/alpaca/index.js';
import { type GuardedBroker, guardBroker } from '../adapters/broker/guarded-broker.js';
import type { MarketData, MarketPace } from '../adapters/broker/port.js';
import { createTokenBucket } from '../adapters/broker/rate-limit.js';
import {
  createAlpacaMarketData,
  createLockstepPace,
  createRealtimePace,
} from '../adapters/market-data/alpaca/index.js';
import type { Log, MarketClock, WallClock } from '../activities/world.js';
import { openRunningClock, openSteppedClock } from './clocks.js';
import type { ExchangeAddresses } from './exchange-process.js';
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
  const { addresses, credentials, wallClock, log } = wish;
  const isSimulated = wish.time === 'lockstep';
  const bucket = createTokenBucket({
    requestsPerMinute: isSimulated ? REQUESTS_PER_MINUTE_SIMULATED : REQUESTS_PER_MINUTE,
    reservedForCancels: RESERVED_FOR_CANCELS,
    nowMs: () => wallClock.monotonicMs(),
    wallNowMs: () => wallClock.nowMs(),
  });
  const keys = { ...credentials };
  const broker = guardBroker(createAlpacaBroker({ ...addresses, ...keys }), {
    bucket,
    monotonicNowMs: () => wallClock.monotonicMs(),
    onBreakerChange: (change) => log.warn({ ...change }, 'circuit breaker changed'),
  });
  const marketData = createAlpacaMarketData({
    dataUrl: addresses.dataUrl,
    ...keys,
    feed: wish.feed,
  });
  const clock = await broker.clock();
  if (isSimulated) {
    const pace = createLockstepPace({ exchangeUrl: addresses.tradingUrl, keys });
    const marketClock = openSteppedClock(clock.atMs);
    return { broker, marketData, pace, marketClock, dataFeed: wish.dataFeed };
  }
  const allowed = await marketData.verifyDataFeed(wish.feed);
  if (!allowed.ok) {
    throw new StartRefused(`data feed ${wish.feed}: ${allowed.message}; use --data-feed iex`, 2);
  }
  const pace = createRealtimePace({
    broker,
    marketData,
    stream: { dataStreamUrl: addresses.dataStreamUrl, ...keys },
    symbols: wish.symbols,
    deliveredThroughMs: null,
  });
  return {
    broker,
    marketData,
    pace,
    marketClock: openRunningClock(clock.atMs),
    dataFeed: wish.feed,
  };
}
