import { marketData } from '@alpacahq/alpaca-trade-api';
import type { Bar, Quote } from '../../../domain/market/index.js';
import { MINUTE_MS } from '../../../domain/values/index.js';
import { type AlpacaKeys, baseUrl, checkKeys } from '../../broker/alpaca/access.js';
import { readErrorBody } from '../../broker/alpaca/refusal.js';
import { ask, describeStatus, failureOf, read } from '../../broker/alpaca/request.js';
import { BrokerUnavailable } from '../../broker/errors.js';
import type { MarketData } from '../../broker/port.js';
import { readBarPage, readQuotes } from './bar-reader.js';

/** Where prices come from: one exchange for free, or all of them by subscription. */
export type DataFeed = 'iex' | 'sip';

export interface AlpacaMarketDataOptions extends AlpacaKeys {
  /** For example https://data.alpaca.markets. */
  readonly dataUrl: string;
  readonly feed: DataFeed;
  /** How long a read may take, body included; 10 s unless given. */
  readonly readTimeoutMs?: number;
}

/** Whether the account may use a feed. A refusal says why, in the broker's words. */
export type DataFeedAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string };

export interface AlpacaMarketData extends MarketData {
  /** Asks for one quote of the feed. Throws as reads do when the broker cannot be asked. */
  verifyDataFeed(feed: DataFeed): Promise<DataFeedAnswer>;
}

const READ_TIMEOUT_MS = 10_000;
const BARS_PAGE_SIZE = 10_000;
/** Longer lists make addresses that gateways refuse. */
const SYMBOLS_PER_REQUEST = 100;
const FEED_PROBE_SYMBOL = 'SPY';

/** Prices over Alpaca's own SDK, unadjusted, of one feed. */
export function createAlpacaMarketData(options: AlpacaMarketDataOptions): AlpacaMarketData {
  const keys = checkKeys({ keyId: options.keyId, secret: options.secret });
  const stocks = new marketData.StockApi(
    new marketData.Configuration({
      ...keys,
      basePath: baseUrl(options.dataUrl),
      timeoutMs: options.readTimeoutMs ?? READ_TIMEOUT_MS,
    }),
  );
  const { feed } = options;
  const askFor: AskFor = (call) => ask(call, { keys, onRateLimit: () => {} });
  const quotesOf = (symbols: readonly string[], from: DataFeed) =>
    askFor(() => stocks.stockLatestQuotesRaw({ symbols: symbols.join(','), feed: from }));

  return {
    async latestQuotes(symbols) {
      const found = new Map<string, Quote>();
      for (const some of chunked(symbols)) {
        const quotes = await read('the latest quotes', quotesOf(some, feed), readQuotes);
        for (const [symbol, quote] of quotes) found.set(symbol, quote);
      }
      return found;
    },
    async minuteBars({ symbols, fromMs, untilMs }) {
      const found: Bar[] = [];
      for (const some of chunked(symbols)) {
        const range = { symbols: some, fromMs, untilMs, feed };
        found.push(...(await readBars(stocks, askFor, range)));
      }
      return found
        .filter(({ startAtMs, endAtMs }) => startAtMs >= fromMs && endAtMs <= untilMs)
        .sort(bySymbolAndStart);
    },
    async verifyDataFeed(wanted) {
      const answer = await quotesOf([FEED_PROBE_SYMBOL], wanted);
      if (answer.kind !== 'answered') throw failureOf(`a quote of feed ${wanted}`, answer);
      return feedAnswerOf(answer, wanted);
    },
  };
}

type AskFor = (call: Parameters<typeof ask>[0]) => ReturnType<typeof ask>;

interface BarRange {
  readonly symbols: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly feed: DataFeed;
}

/** All pages. The wire's end is the last start that counts, inclusive. */
async function readBars(
  stocks: marketData.StockApi,
  askFor: AskFor,
  range: BarRange,
): Promise<readonly Bar[]> {
  const found: Bar[] = [];
  const tokensSeen = new Set<string>();
  let pageToken: string | null = null;
  do {
    const query = {
      symbols: range.symbols.join(','),
      timeframe: '1Min',
      start: new Date(range.fromMs),
      end: new Date(range.untilMs - MINUTE_MS),
      limit: BARS_PAGE_SIZE,
      adjustment: 'raw',
      sort: 'asc',
      feed: range.feed,
      ...(pageToken === null ? {} : { pageToken }),
    } as const;
    const page: ReturnType<typeof readBarPage> = await read(
      'the minute bars',
      askFor(() => stocks.stockBarsRaw(query)),
      readBarPage,
    );
    found.push(...page.bars);
    pageToken = page.nextPageToken;
    if (pageToken !== null && tokensSeen.has(pageToken)) {
      throw new BrokerUnavailable(`expected the next page of bars, found page ${pageToken} again`);
    }
    if (pageToken !== null) tokensSeen.add(pageToken);
  } while (pageToken !== null);
  return found;
}

function feedAnswerOf(
  answer: { readonly status: number; readonly text: string },
  feed: DataFeed,
): DataFeedAnswer {
  if (answer.status >= 200 && answer.status <= 299) return { ok: true };
  const body = readErrorBody(answer.text);
  if (answer.status === 403 && body !== null) return { ok: false, message: body.message };
  throw new BrokerUnavailable(`expected a quote of feed ${feed}, found ${describeStatus(answer)}`);
}

function bySymbolAndStart(left: Bar, right: Bar): number {
  return left.startAtMs - right.startAtMs || (left.symbol < right.symbol ? -1 : 1);
}

function chunked(symbols: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(symbols.length / SYMBOLS_PER_REQUEST);
  return Array.from({ length: count }, (_, index) =>
    symbols.slice(index * SYMBOLS_PER_REQUEST, (index + 1) * SYMBOLS_PER_REQUEST),
  );
}
