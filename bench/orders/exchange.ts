import { openExchangeProcess, type ExchangeProcess } from '../../workers/exchange-process.js';
import { openSimulatedRun, type SimulatedRun } from '../../workers/simulated-run.js';
import type { BrokerChoice } from '../../workers/start-options.js';
import { marketDate } from '../../domain/market/index.js';

/** Any trading day; the made-up prices are the same in every run. */
export const MARKET = { kind: 'synthetic', date: marketDate('2024-03-05'), seed: 7 } as const;

/** Market minutes after the open at which the measured orders are sent. */
const MINUTES_OPEN = 3;

/** A paper exchange in its own process, in lockstep: its time stands until it is told to step. */
export interface BenchExchange {
  readonly process: ExchangeProcess;
  readonly run: SimulatedRun;
  readonly choice: Extract<BrokerChoice, { readonly kind: 'exchange' }>;
  /** Moves market time one minute on. */
  step(): Promise<void>;
  /** The POSTs of orders, by client order id. */
  posts(): Promise<ReadonlyMap<string, Post>>;
}

/** Wall instants, with fractions, of the first request that posted an order. */
export interface Post {
  readonly arrivedWallMs: number;
  /** A market order fills before it is answered; its frames go out right behind the answer. */
  readonly answeredWallMs: number;
}

/** Starts an exchange and steps into the session, where market orders fill at once. */
export async function openBenchExchange(
  dataDirectory: string,
  symbols: readonly string[],
): Promise<BenchExchange> {
  const { run } = openSimulatedRun(dataDirectory, { market: MARKET, symbols });
  const choice = { kind: 'exchange', market: MARKET, speed: null } as const;
  const process = await openExchangeProcess({
    dataDirectory,
    run,
    choice,
    isRolling: false,
    onLine: () => undefined,
  });
  const ask = openAccess(process, run);
  const exchange: BenchExchange = {
    process,
    run,
    choice,
    step: async () => {
      await ask('/_clock', { method: 'POST', body: JSON.stringify({ action: 'step' }) });
    },
    posts: openPosts(ask),
  };
  await stepIntoSession(ask, exchange);
  return exchange;
}

type Ask = (path: string, init?: RequestInit) => Promise<unknown>;

function openAccess(process: ExchangeProcess, { keyId, secret }: SimulatedRun): Ask {
  const headers = {
    'content-type': 'application/json',
    'APCA-API-KEY-ID': keyId,
    'APCA-API-SECRET-KEY': secret,
  };
  return async (path, init = {}) => {
    const response = await fetch(`${process.addresses.tradingUrl}${path}`, { ...init, headers });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`expected ${path} to answer, found ${response.status} ${text}`);
    return JSON.parse(text);
  };
}

async function stepIntoSession(ask: Ask, exchange: BenchExchange): Promise<void> {
  let minutesOpen = 0;
  while (minutesOpen < MINUTES_OPEN) {
    await exchange.step();
    const clock = (await ask('/_clock')) as { readonly phase: string };
    if (clock.phase === 'open') minutesOpen += 1;
  }
}

interface JournalLine {
  readonly cursor: number;
  readonly kind: string;
  readonly method?: string;
  readonly path?: string;
  readonly clientOrderId?: string | null;
  readonly receivedWallMs?: number;
  readonly answeredWallMs?: number;
}

/** Reads on from where the journal was read to. A repeated POST keeps its first instant. */
function openPosts(ask: Ask): BenchExchange['posts'] {
  const posts = new Map<string, Post>();
  let cursor = 0;
  return async () => {
    for (;;) {
      const page = (await ask(`/_journal?after=${cursor}`)) as {
        readonly entries: readonly JournalLine[];
      };
      if (page.entries.length === 0) return posts;
      for (const line of page.entries) {
        cursor = line.cursor;
        const { method, path, clientOrderId } = line;
        const { receivedWallMs: arrivedWallMs, answeredWallMs } = line;
        const isPost = line.kind === 'request' && method === 'POST' && path === '/v2/orders';
        if (!isPost || typeof clientOrderId !== 'string') continue;
        if (arrivedWallMs === undefined || answeredWallMs === undefined) continue;
        if (!posts.has(clientOrderId)) posts.set(clientOrderId, { arrivedWallMs, answeredWallMs });
      }
    }
  };
}
