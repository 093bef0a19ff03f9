import type { AddressInfo } from 'node:net';
import { assert, formatUsd, type Usd } from '../domain/values/index.js';
import {
  MarketFault,
  type MarketSource,
  openRecordedMarket,
  openSyntheticMarket,
} from './market/index.js';
import type { WashTradeGuard } from './matching/index.js';
import { ExchangeRun, SILENT } from './run/exchange-run.js';
import { FreeClock } from './run/free-clock.js';
import { LockstepClock } from './run/lockstep-clock.js';
import type { ClockMode, MarketClock } from './run/market-clock.js';
import type { StepOutcome } from './run/trading-step.js';
import { type MeantAnswer, type MeantFrame, openWireSamples } from './run/wire-samples.js';
import { openStateFile, type RunIdentity, type StateFile } from './run/state-file.js';
import {
  announceStep,
  buildServer,
  type ExchangeStreams,
  openStreams,
} from './server/exchange-server.js';
import type { Credentials, ExchangeContext } from './server/exchange-context.js';
import { RateLimit } from './server/rate-limit.js';

/** Where prices come from. */
export type MarketOptions =
  | {
      readonly kind: 'recorded';
      readonly directory: string;
      readonly date: string;
      readonly symbols: readonly string[];
    }
  | {
      readonly kind: 'synthetic';
      readonly date: string;
      readonly symbols: readonly string[];
      /** Whether each close is followed by the next trading day. */
      readonly rolling: boolean;
      /** Whether gaps, halts and wide spreads disturb its days; calm unless said. */
      readonly turbulent?: boolean;
    };

export interface ExchangeOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly market: MarketOptions;
  /** Same seed and same requests, same journal. */
  readonly seed: string;
  readonly mode: ClockMode;
  /** Market seconds a wall second; null = lockstep without waiting, or real time. */
  readonly speed: number | null;
  /** Remembers the account over restarts; null = memory only. */
  readonly stateFile: string | null;
  readonly credentials: Credentials;
  readonly startingCash: Usd;
  /** The share of eligible fills that are partial, 0 to 1. Alpaca's paper accounts have 0.1. */
  readonly partialFillShare: number;
  /** Requests a minute of wall time; null = no limit. Alpaca has 200. */
  readonly rateLimitPerMinute: number | null;
  /**
   * Which resting orders refuse a new one on the other side: `strict` as Alpaca has it, unless
   * said; `crossing` lets market and stop orders pass resting limits.
   */
  readonly washTradeGuard?: WashTradeGuard;
  /** Names that nobody lends at first, so that they cannot be sold short; none unless said. */
  readonly hardToBorrow?: readonly string[];
  /** How long before the open a day begins, unless extended hours are traded. */
  readonly openLeadMinutes: number;
  /**
   * Whether each day goes on from 04:00 to 20:00 New York, for orders with `extended_hours`; not
   * unless said: a client that is done at the close need not step through the evening.
   */
  readonly extendedHours?: boolean;
  /** Wall milliseconds that a client has to send a whole request; 15 seconds unless said. */
  readonly requestTimeoutMs?: number;
  /** Sees every answer of the broker's API as it was meant, before a fault spoils it. */
  readonly onAnswer?: (answer: MeantAnswer) => void;
  /** Sees every frame of both streams, as it was meant. */
  readonly onFrame?: (meant: MeantFrame) => void;
  /** A folder in which samples of every answer and frame are written, for tests; else none are. */
  readonly samplesFolder?: string | null;
}

/** Where a running exchange is reached, and how to stop it. */
export interface RunningExchange {
  readonly tradingUrl: string;
  readonly streamUrl: string;
  readonly dataUrl: string;
  readonly dataStreamUrl: string;
  /** What a reader should know about the market data, one line each. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 15_000;
const WASH_TRADE_GUARD: WashTradeGuard = 'strict';

/**
 * Starts a paper exchange. Throws `MarketFault` when the market that was asked for does not exist,
 * `StateFileFault` when the state file belongs to another run or is damaged, and the system's error
 * when the port is taken.
 */
export async function startExchange(options: ExchangeOptions): Promise<RunningExchange> {
  const source = openMarket(options);
  const { seed, startingCash, partialFillShare, openLeadMinutes } = options;
  const { washTradeGuard = WASH_TRADE_GUARD, extendedHours: hasExtendedHours = false } = options;
  const { hardToBorrow = [] } = options;
  checkBorrowNames(hardToBorrow, source.symbols);
  const account = { seed, startingCash, partialFillShare, washTradeGuard, hardToBorrow };
  const run = new ExchangeRun({ ...account, source, openLeadMinutes, hasExtendedHours });
  const stateFile = openState(options);
  for (const command of stateFile?.commands ?? []) run.replay(command);
  const witness = openWitness(options);
  const { exchange, streams } = wire({ options, run, stateFile, witness });
  const server = buildServer(
    {
      exchange,
      rateLimit: rateLimitOf(options),
      areControlsLocked: !isLoopback(options.host),
      requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      onMeantAnswer: witness.onAnswer,
    },
    streams,
  );
  const close = async () => {
    exchange.clock.close();
    // Streams that the closing cuts are no history of the account.
    run.listen(SILENT);
    await server.close();
    stateFile?.close();
    witness.close();
  };
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    await close();
    throw error;
  }
  return { ...urlsOf(server.server.address()), notes: source.notes, close };
}

function openMarket({ market, seed, extendedHours }: ExchangeOptions): MarketSource {
  if (market.kind === 'recorded') return openRecordedMarket(market);
  const { date, symbols, rolling: isRolling, turbulent: isTurbulent = false } = market;
  const manner = { isRolling, isTurbulent, hasExtendedHours: extendedHours === true };
  return openSyntheticMarket({ seed, date, symbols, ...manner });
}

function checkBorrowNames(names: readonly string[], symbols: readonly string[]): void {
  const unknown = names.find((name) => !symbols.includes(name));
  if (unknown === undefined) return;
  const known = symbols.join(', ');
  throw new MarketFault(
    'unknown_symbol',
    `expected names that are hard to borrow to be among ${known}, found ${unknown}`,
  );
}

function openState(options: ExchangeOptions): StateFile | null {
  const { stateFile, market, seed, startingCash, partialFillShare, openLeadMinutes } = options;
  if (stateFile === null) return null;
  const identity: RunIdentity = {
    kind: 'opened',
    version: 1,
    seed,
    startingCashUsd: formatUsd(startingCash),
    partialFillShare,
    openLeadMinutes,
    market: market.kind,
    date: market.date,
    symbols: [...market.symbols],
    isRolling: market.kind === 'synthetic' && market.rolling,
    ...(market.kind === 'synthetic' && market.turbulent === true ? { isTurbulent: true } : {}),
    ...(options.extendedHours === true ? { hasExtendedHours: true } : {}),
    washTradeGuard: options.washTradeGuard ?? WASH_TRADE_GUARD,
    hardToBorrow: [...(options.hardToBorrow ?? [])],
  };
  return openStateFile(stateFile, identity);
}

/** Who sees what the exchange says. */
interface Witness {
  readonly onAnswer: (answer: MeantAnswer) => void;
  readonly onFrame: (meant: MeantFrame) => void;
  readonly close: () => void;
}

function openWitness({ samplesFolder = null, onAnswer, onFrame }: ExchangeOptions): Witness {
  const samples = samplesFolder === null ? null : openWireSamples(samplesFolder);
  return {
    onAnswer: (answer) => {
      onAnswer?.(answer);
      samples?.noteAnswer(answer);
    },
    onFrame: (meant) => {
      onFrame?.(meant);
      samples?.noteFrame(meant);
    },
    close: () => samples?.close(),
  };
}

interface Wiring {
  readonly options: ExchangeOptions;
  readonly run: ExchangeRun;
  readonly stateFile: StateFile | null;
  readonly witness: Witness;
}

function wire({ options, run, stateFile, witness }: Wiring): {
  readonly exchange: ExchangeContext;
  readonly streams: ExchangeStreams;
} {
  const { onFrame } = witness;
  const streams: ExchangeStreams = openStreams(options.credentials, () => exchange, onFrame);
  const clock = openClock(options, run, () => {
    const outcome = run.advance();
    announceStep(streams, outcome);
    return outcome;
  });
  const { credentials } = options;
  const exchange: ExchangeContext = {
    run,
    clock,
    credentials,
    symbols: run.options.source.symbols,
  };
  run.listen({
    record: (command) => stateFile?.append(command),
    publish: (publication) => streams.tradeUpdates.hold(publication),
  });
  return { exchange, streams };
}

function openClock(
  options: ExchangeOptions,
  run: ExchangeRun,
  advance: () => StepOutcome,
): MarketClock {
  const { steps } = run;
  const input = { steps, speed: options.speed, lastStampedMs: () => run.lastStampedMs, advance };
  return options.mode === 'lockstep' ? new LockstepClock(input) : new FreeClock(input);
}

function rateLimitOf({ rateLimitPerMinute }: ExchangeOptions): RateLimit | null {
  return rateLimitPerMinute === null ? null : new RateLimit(rateLimitPerMinute);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function urlsOf(address: AddressInfo | string | null) {
  assert(typeof address === 'object' && address !== null, 'expected the address of a TCP socket');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const authority = `${host}:${address.port}`;
  return {
    tradingUrl: `http://${authority}`,
    streamUrl: `ws://${authority}/stream`,
    dataUrl: `http://${authority}`,
    dataStreamUrl: `ws://${authority}/v2/iex`,
  };
}
