import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadPaperKeys } from '../../config/index.js';
import { CANCEL_POLICIES, strategyNamed, strategyNames } from '../../workers/reference.js';
import type { BrokerChoice, StartOptions } from '../../workers/start-options.js';
import { dataDirectoryFault, dataDirectoryOf } from '../data-folder.js';
import { UsageFault } from '../failure.js';
import {
  Faults,
  quoted,
  readChoice,
  readPositiveNumber,
  readSymbols,
  readWholeNumber,
} from '../flag-values.js';
import { DEFAULT_SYMBOLS, type MarketFlags, readMarket } from '../market-flags.js';
import type { CommonFlags, Shell } from '../shell.js';

/** The flags of `start` as a person wrote them. */
export interface StartFlags extends CommonFlags, MarketFlags {
  readonly speed?: string;
  readonly seed?: string;
  readonly strategy?: string;
  readonly strategyParameters?: string;
  readonly broker?: string;
  readonly dataFeed?: string;
  readonly keysFile?: string;
  readonly cancelAtShutdown?: string;
  readonly once?: boolean;
}

export type StartRequest = Omit<StartOptions, 'onEvent'>;

export const BROKERS = ['exchange', 'alpaca-paper'] as const;
export const DATA_FEEDS = ['iex', 'sip'] as const;
/** One trading day in two minutes. */
export const DEFAULT_SPEED = 195;
export const FULL_SPEED = 'max';
export const DEFAULT_SEED = 1;
export const DEFAULT_STRATEGIES = {
  synthetic: 'demonstration',
  recorded: 'moving-average-cross',
} as const;
const SHUTDOWN_TIMEOUT_SECONDS = 30;
const SEED_MAX = 4_294_967_295;

/**
 * Checks everything that can be checked before anything starts: flags, environment, keys, data and
 * the data folder. All faults come in one `UsageFault`.
 */
export async function readStartRequest(shell: Shell, flags: StartFlags): Promise<StartRequest> {
  const faults = new Faults();
  for (const fault of shell.environment.faults) faults.add(fault);
  const traded = await readBroker(faults, shell, flags);
  const strategy = readStrategy(faults, flags, traded?.broker ?? null);
  const dataDirectory = readDataDirectory(faults, shell, flags);
  const temporal = readTemporal(faults, shell);
  const cancelAtShutdown = faults.take(
    readChoice(
      '--cancel-at-shutdown',
      flags.cancelAtShutdown ?? 'keep-protection',
      CANCEL_POLICIES,
    ),
  );
  const isWhole = traded !== null && strategy !== null && temporal !== null;
  if (!isWhole || dataDirectory === null || cancelAtShutdown === null || faults.lines.length > 0) {
    throw new UsageFault(faults.lines);
  }
  return {
    dataDirectory,
    ...traded,
    ...strategy,
    once: flags.once === true,
    temporal,
    cancelAtShutdown,
    externalOrders: shell.environment.variables.ORDINIS_EXTERNAL_ORDERS,
    shutdownTimeoutSeconds: SHUTDOWN_TIMEOUT_SECONDS,
    protection: shell.environment.variables.ORDINIS_PROTECTION,
    stallMsMax: shell.environment.variables.ORDINIS_STALL_MS,
    crash: {
      point: shell.environment.variables.ORDINIS_CRASH_POINT,
      witnessFile: shell.environment.variables.ORDINIS_CRASH_FILE,
    },
  };
}

type Traded = Pick<StartRequest, 'broker' | 'symbols'>;

async function readBroker(faults: Faults, shell: Shell, flags: StartFlags): Promise<Traded | null> {
  const kind = faults.take(readChoice('--broker', flags.broker ?? 'exchange', BROKERS));
  if (kind === 'alpaca-paper') return readAlpacaPaper(faults, shell, flags);
  refuseFlags(faults, '--broker exchange', {
    '--data-feed': flags.dataFeed,
    '--keys-file': flags.keysFile,
  });
  const checked = await readMarket(faults, flags, shell.workingDirectory);
  const speed = readSpeed(faults, flags.speed);
  const seed = readSeed(faults, flags);
  if (checked === null || kind === null) return null;
  const { symbols, ...market } = checked;
  return {
    broker: {
      kind,
      market: market.kind === 'synthetic' ? { ...market, seed: seed ?? DEFAULT_SEED } : market,
      speed,
    },
    symbols,
  };
}

function readAlpacaPaper(faults: Faults, shell: Shell, flags: StartFlags): Traded | null {
  refuseFlags(faults, '--broker alpaca-paper', {
    '--market': flags.market,
    '--market-data': flags.marketData,
    '--date': flags.date,
    '--speed': flags.speed,
    '--seed': flags.seed,
  });
  const symbols = faults.take(readSymbols('--symbols', flags.symbols ?? DEFAULT_SYMBOLS));
  const dataFeed = faults.take(readChoice('--data-feed', flags.dataFeed ?? 'iex', DATA_FEEDS));
  const keys = loadPaperKeys(shell.environment.variables, flags.keysFile ?? null);
  if (!keys.ok) {
    for (const fault of keys.faults) faults.add(fault);
    return null;
  }
  if (symbols === null || dataFeed === null) return null;
  return { broker: { kind: 'alpaca-paper', credentials: keys.keys, dataFeed }, symbols };
}

/** A flag that would be ignored is most likely a mistake, and mistakes cost money. */
function refuseFlags(
  faults: Faults,
  beside: string,
  flags: Readonly<Record<string, string | undefined>>,
): void {
  for (const [flag, text] of Object.entries(flags)) {
    if (text !== undefined) {
      faults.add(`expected no ${flag} with ${beside}, found ${quoted(text)}; leave it out`);
    }
  }
}

/** Null: as fast as the machine does it. */
function readSpeed(faults: Faults, text: string | undefined): number | null {
  if (text === FULL_SPEED) return null;
  const speed = readPositiveNumber('--speed', text ?? String(DEFAULT_SPEED));
  if (speed.ok) return speed.value;
  return faults.add(
    `expected --speed to be market seconds a second (a number above 0) or ${FULL_SPEED}, ` +
      `found ${quoted(text ?? '')}; correct it`,
  );
}

function readSeed(faults: Faults, flags: StartFlags): number | null {
  if (flags.seed === undefined) return DEFAULT_SEED;
  if (flags.market === 'recorded') {
    return faults.add(
      `expected no --seed with --market recorded, found ${quoted(flags.seed)}; leave it out`,
    );
  }
  return faults.take(readWholeNumber('--seed', flags.seed, { min: 0, max: SEED_MAX }));
}

function readStrategy(
  faults: Faults,
  flags: StartFlags,
  broker: BrokerChoice | null,
): Pick<StartRequest, 'strategy' | 'strategyParameters'> | null {
  const isDemonstration =
    flags.broker !== 'alpaca-paper' && flags.market !== 'recorded' && isSynthetic(broker);
  const usual = isDemonstration ? DEFAULT_STRATEGIES.synthetic : DEFAULT_STRATEGIES.recorded;
  const name = flags.strategy ?? usual;
  const strategy = strategyNamed(name);
  const parameters = readParameters(faults, flags.strategyParameters ?? '{}');
  if (strategy === null) {
    const names = strategyNames().join(', ');
    return faults.add(
      `expected --strategy to be one of ${names}, found ${quoted(name)}; choose one`,
    );
  }
  if (parameters === null) return null;
  const configured = strategy.configure(parameters);
  if (configured.ok) return { strategy: name, strategyParameters: configured.strategy.parameters };
  for (const fault of configured.faults) faults.add(`--strategy-parameters of ${name}: ${fault}`);
  return null;
}

function isSynthetic(broker: BrokerChoice | null): boolean {
  return broker === null || (broker.kind === 'exchange' && broker.market.kind === 'synthetic');
}

function readParameters(faults: Faults, text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return faults.add(
    `expected --strategy-parameters to be a JSON object such as '{"fastBars":5}', ` +
      `found ${quoted(text)}; correct it`,
  );
}

/** The folder is not made here: nothing may be half-started. Null: a fault was noted. */
function readDataDirectory(faults: Faults, shell: Shell, flags: StartFlags): string | null {
  const fault = dataDirectoryFault(flags);
  if (fault !== null) return faults.add(fault);
  const directory = dataDirectoryOf(shell, flags);
  const existing = nearestExisting(directory);
  const wanted = `expected --data-dir ${directory} to be a folder that can be written`;
  if (!statSync(existing).isDirectory()) {
    faults.add(`${wanted}, found a file at ${existing}; choose another`);
  } else if (!isAccessible(existing)) {
    faults.add(`${wanted}, found no permission for ${existing}; correct it or choose another`);
  }
  return directory;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function isAccessible(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function readTemporal(faults: Faults, { environment }: Shell): StartRequest['temporal'] | null {
  const { variables } = environment;
  const address = variables.ORDINIS_TEMPORAL_ADDRESS;
  const binary = address === null ? variables.ORDINIS_TEMPORAL_BIN : null;
  if (address === null && binary === null) {
    // One fault of a variable is told once.
    if (environment.faults.some((fault) => fault.startsWith('ORDINIS_TEMPORAL_'))) return null;
    return faults.add(
      'expected a Temporal server: ORDINIS_TEMPORAL_BIN or ORDINIS_TEMPORAL_ADDRESS, found ' +
        'neither; run "npm start", which finds or builds one',
    );
  }
  if (binary !== null && !existsSync(binary)) {
    return faults.add(
      `expected ORDINIS_TEMPORAL_BIN to name a program, found no file at ${binary}; correct it ` +
        'or unset it',
    );
  }
  return {
    address,
    binary,
    port: variables.ORDINIS_TEMPORAL_PORT,
    uiPort: variables.ORDINIS_UI_PORT,
  };
}
