import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import { createLockstepPace } from '../../adapters/market-data/alpaca/index.js';
import type { MarketPace, MarketStep } from '../../adapters/broker/port.js';
import { wholeUsd } from '../../domain/values/index.js';
import { type ExchangeOptions, startExchange } from '../../exchange/index.js';
import { documented } from '../exchange/documented-answers.js';
import type { BrokerSubject } from './broker.contract.js';

export const EXCHANGE_KEYS = { keyId: 'TEST-KEY-ID', secret: 'test-secret' } as const;
export const MARKET_DATE = '2013-10-07';
export const SYMBOLS = ['SPY', 'IBM'] as const;

/** A paper exchange on a free port, in memory. */
export function openExchange(changes: Partial<ExchangeOptions> = {}) {
  return startExchange({
    host: '127.0.0.1',
    port: 0,
    market: { kind: 'synthetic', date: MARKET_DATE, symbols: [...SYMBOLS], rolling: false },
    seed: 'adapters',
    mode: 'lockstep',
    speed: null,
    stateFile: null,
    credentials: EXCHANGE_KEYS,
    startingCash: wholeUsd(100_000),
    partialFillShare: 0,
    rateLimitPerMinute: null,
    openLeadMinutes: 2,
    ...documented,
    ...changes,
  });
}

/** The adapter against the exchange, some minutes into the session. */
export async function openSubject(): Promise<BrokerSubject> {
  const exchange = await openExchange();
  const { tradingUrl, streamUrl } = exchange;
  const broker = createAlpacaBroker({ ...EXCHANGE_KEYS, tradingUrl, streamUrl });
  const pace = createLockstepPace({ exchangeUrl: tradingUrl, keys: EXCHANGE_KEYS });
  let step = await advanceTo('open', pace);
  const advance = async (): Promise<void> => {
    step = await pace.advance(step, new AbortController().signal);
  };
  for (let minute = 0; minute < 3; minute += 1) await advance();
  return { broker, symbol: 'SPY', advance, close: () => exchange.close() };
}

export async function advanceTo(phase: MarketStep['phase'], pace: MarketPace): Promise<MarketStep> {
  let step = await pace.current();
  while (step.phase !== phase) step = await pace.advance(step, new AbortController().signal);
  return step;
}
