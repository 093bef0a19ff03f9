import { resolve } from 'node:path';
import { readPrivateFile } from '../config/index.js';
import { parseUsd, type Usd, wholeUsd } from '../domain/values/index.js';
import type { ExchangeOptions, MarketOptions, RunningExchange } from '../workers/reference.js';
import { EXIT, UsageFault } from './failure.js';
import {
  Faults,
  quoted,
  readChoice,
  readPositiveNumber,
  readSymbols,
  readWholeNumber,
} from './flag-values.js';
import { type CheckedMarket, type MarketFlags, readMarket } from './market-flags.js';
import type { ExchangeAlone } from './ports.js';
import type { Shell } from './shell.js';

/** The flags of `exchange` as a person wrote them. */
export interface ExchangeFlags extends MarketFlags {
  readonly port?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly state?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly secretFile?: string;
  readonly cash?: string;
  readonly partialFills?: string;
  readonly rateLimit?: string;
  readonly roll?: boolean;
  readonly turbulent?: boolean;
  readonly extendedHours?: boolean;
  readonly hardToBorrow?: string;
  readonly washTradeGuard?: string;
}

/** As Alpaca has it, or letting market and stop orders pass resting limits. */
export const WASH_TRADE_GUARDS = ['strict', 'crossing'] as const;

const HOST = '127.0.0.1';
const PORT_MAX = 65_535;
const OPEN_LEAD_MINUTES = 5;
const DEFAULT_SEED = '1';
const DEFAULT_CASH = wholeUsd(100_000);
/** As Alpaca has it: one fill in ten is partial, 200 requests a minute. */
const PARTIAL_FILL_PERCENT = 10;
const RATE_LIMIT_PER_MINUTE = 200;
const DEFAULT_SPEED = 195;
/** Names of the errors by which the exchange refuses what it was asked for. */
const WRONG_USE: readonly string[] = ['MarketFault', 'StateFileFault'];

/**
 * `ordinis exchange`: the paper exchange alone. Prints one JSON line with its addresses when it
 * listens, then runs until SIGTERM or Ctrl-C.
 */
export async function exchangeCommand(shell: Shell, flags: ExchangeFlags): Promise<number> {
  const options = await readExchangeOptions(shell, flags);
  const { runExchange } = await shell.exchangeAlone();
  const ended = new Promise<void>((resolveEnded) => {
    shell.processes.onSignal(() => resolveEnded());
  });
  const exchange = await open(runExchange, options);
  const { tradingUrl, streamUrl, dataUrl, dataStreamUrl, notes } = exchange;
  const keyId = options.credentials.keyId;
  shell.screen.out(
    JSON.stringify({
      tradingUrl,
      streamUrl,
      dataUrl,
      dataStreamUrl,
      keyId,
      notes,
      pid: process.pid,
    }),
  );
  await ended;
  await exchange.close();
  return EXIT.fine;
}

/** What the person can mend is wrong use: a state file of another run, a port that is taken. */
async function open(
  runExchange: ExchangeAlone['runExchange'],
  options: ExchangeOptions,
): Promise<RunningExchange> {
  try {
    return await runExchange(options);
  } catch (error) {
    if (error instanceof Error && WRONG_USE.includes(error.name)) {
      throw new UsageFault([error.message]);
    }
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new UsageFault([
        `expected --port ${options.port} to be free, found it taken; choose another, or 0 for any`,
      ]);
    }
    throw error;
  }
}

/** Every flag checked, all faults at once. */
export async function readExchangeOptions(
  shell: Shell,
  flags: ExchangeFlags,
): Promise<ExchangeOptions> {
  const faults = new Faults();
  const checked = await readMarket(faults, flags, shell.workingDirectory);
  const clock = readClock(faults, flags.speed, checked?.kind ?? null);
  const credentials = readCredentials(faults, shell, flags);
  const port = faults.take(readWholeNumber('--port', flags.port ?? '0', { min: 0, max: PORT_MAX }));
  const startingCash = readCash(faults, flags.cash);
  const percent = faults.take(
    readWholeNumber('--partial-fills', flags.partialFills ?? String(PARTIAL_FILL_PERCENT), {
      min: 0,
      max: 100,
    }),
  );
  const rateLimitPerMinute = readRateLimit(faults, flags.rateLimit);
  const venue = readVenue(faults, flags, checked);
  const isWhole = checked !== null && clock !== null && credentials !== null && port !== null;
  if (!isWhole || startingCash === null || percent === null || faults.lines.length > 0) {
    throw new UsageFault(faults.lines);
  }
  return {
    host: HOST,
    port,
    market: marketOptions(checked, flags),
    seed: flags.seed ?? DEFAULT_SEED,
    ...clock,
    stateFile: flags.state === undefined ? null : resolve(shell.workingDirectory, flags.state),
    credentials,
    startingCash,
    partialFillShare: percent / 100,
    rateLimitPerMinute,
    openLeadMinutes: OPEN_LEAD_MINUTES,
    extendedHours: flags.extendedHours === true,
    samplesFolder: shell.environment.variables.ORDINIS_EXCHANGE_SAMPLES,
    ...venue,
  };
}

function marketOptions(market: CheckedMarket, flags: ExchangeFlags): MarketOptions {
  if (market.kind === 'recorded') return market;
  return { ...market, rolling: flags.roll === true, turbulent: flags.turbulent === true };
}

/** What the venue refuses beside what is always refused, and flags that a recording cannot obey. */
function readVenue(
  faults: Faults,
  flags: ExchangeFlags,
  market: CheckedMarket | null,
): Pick<ExchangeOptions, 'hardToBorrow' | 'washTradeGuard'> {
  const { washTradeGuard: guard = WASH_TRADE_GUARDS[0], hardToBorrow: list } = flags;
  const washTradeGuard = faults.take(readChoice('--wash-trade-guard', guard, WASH_TRADE_GUARDS));
  const hardToBorrow =
    list === undefined ? [] : (faults.take(readSymbols('--hard-to-borrow', list)) ?? []);
  const foreign = hardToBorrow.filter((name) => market?.symbols.includes(name) === false);
  for (const name of foreign) {
    faults.add(
      `expected --hard-to-borrow to name traded symbols (${market?.symbols.join(', ')}), found ` +
        `${quoted(name)}; correct it`,
    );
  }
  for (const flag of ['roll', 'turbulent'] as const) {
    if (market?.kind !== 'recorded' || flags[flag] !== true) continue;
    faults.add(`expected no --${flag} with --market recorded, found it; leave it out`);
  }
  return { hardToBorrow, ...(washTradeGuard === null ? {} : { washTradeGuard }) };
}

/** Recorded days run in lockstep unless a speed is given. */
function readClock(
  faults: Faults,
  text: string | undefined,
  market: CheckedMarket['kind'] | null,
): Pick<ExchangeOptions, 'mode' | 'speed'> | null {
  if (text === 'lockstep' || (text === undefined && market === 'recorded')) {
    return { mode: 'lockstep', speed: null };
  }
  if (text === undefined) return { mode: 'free', speed: DEFAULT_SPEED };
  const speed = readPositiveNumber('--speed', text);
  if (speed.ok) return { mode: 'free', speed: speed.value };
  return faults.add(
    `expected --speed to be a number above 0 or lockstep, found ${quoted(text)}; correct it`,
  );
}

function readCredentials(
  faults: Faults,
  shell: Shell,
  flags: ExchangeFlags,
): ExchangeOptions['credentials'] | null {
  const { APCA_API_KEY_ID, APCA_API_SECRET_KEY } = shell.environment.variables;
  const keyId = flags.key ?? APCA_API_KEY_ID;
  if (keyId === null)
    faults.add('expected --key ID or APCA_API_KEY_ID, found neither; choose a key');
  const file = flags.secretFile === undefined ? null : readPrivateFile(flags.secretFile);
  if (file !== null && !file.ok) return faults.add(`--secret-file: ${file.fault}`);
  const secret = flags.secret ?? file?.value.trim() ?? APCA_API_SECRET_KEY;
  if (secret === null || secret === '') {
    return faults.add(
      'expected --secret, --secret-file or APCA_API_SECRET_KEY, found none; choose a secret',
    );
  }
  return keyId === null ? null : { keyId, secret };
}

function readCash(faults: Faults, text: string | undefined): Usd | null {
  if (text === undefined) return DEFAULT_CASH;
  const cash = parseUsd(text);
  if (cash !== null && cash > 0) return cash;
  return faults.add(
    'expected --cash to be dollars above 0 with at most six decimals, found ' +
      `${quoted(text)}; correct it`,
  );
}

function readRateLimit(faults: Faults, text: string | undefined): number | null {
  if (text === undefined) return RATE_LIMIT_PER_MINUTE;
  if (text === 'none') return null;
  const limit = readWholeNumber('--rate-limit', text, { min: 1, max: 1_000_000 });
  if (limit.ok) return limit.value;
  return faults.add(
    `expected --rate-limit to be requests a minute or none, found ${quoted(text)}; correct it`,
  );
}
