import { join } from 'node:path';
import { type Database, openDatabase } from '../adapters/store/prisma/index.js';
import { epochMs } from '../domain/values/index.js';
import { NAMESPACE, SEARCH_ATTRIBUTES } from '../workflows/contract/index.js';
import { ALPACA_PAPER, type BrokerWish } from './broker-connection.js';
import { type ExchangeProcess, openExchangeProcess } from './exchange-process.js';
import type { ResourceStack } from './resource-stack.js';
import { openSimulatedRun, type SimulatedRun } from './simulated-run.js';
import { type StartOptions, StartRefused } from './start-options.js';
import { connectToTemporal, prepareNamespace, startEmbeddedTemporal } from './temporal/index.js';

/** What a run stands on: the processes beside it and its database. */
export interface Parts {
  readonly simulated: SimulatedRun | null;
  readonly database: Database;
  readonly temporal: TemporalAccess;
  /** Null: the broker is Alpaca. */
  readonly exchange: ExchangeProcess | null;
}

/** Opens database, Temporal and exchange side by side. */
export async function openParts(stack: ResourceStack, options: StartOptions): Promise<Parts> {
  const simulated = openRun(options);
  const [database, temporal, exchange] = await openAll(
    openBooks(stack, options.dataDirectory),
    openTemporal(stack, options),
    openExchange(stack, options, simulated),
  );
  return { simulated, database, temporal, exchange };
}

/**
 * Waits for all three, so that a failure of one leaves no other half open and unknown to the stack.
 */
async function openAll<First, Second, Third>(
  first: Promise<First>,
  second: Promise<Second>,
  third: Promise<Third>,
): Promise<readonly [First, Second, Third]> {
  await Promise.allSettled([first, second, third]);
  return [await first, await second, await third];
}

function openRun({ broker, dataDirectory, symbols }: StartOptions): SimulatedRun | null {
  if (broker.kind !== 'exchange') return null;
  return openSimulatedRun(dataDirectory, { market: broker.market, symbols }).run;
}

async function openBooks(stack: ResourceStack, dataDirectory: string): Promise<Database> {
  const database = await openDatabase({
    file: join(dataDirectory, 'ordinis.db'),
    backupFolder: join(dataDirectory, 'backups'),
    nowAtMs: epochMs(Date.now()),
  });
  stack.add('database', () => database.close());
  return database;
}

const NAMESPACE_WISH = {
  namespace: NAMESPACE,
  retentionDays: 30,
  searchAttributes: SEARCH_ATTRIBUTES,
} as const;

export interface TemporalAccess {
  readonly address: string;
  readonly uiUrl: string | null;
}

async function openTemporal(stack: ResourceStack, options: StartOptions): Promise<TemporalAccess> {
  const { temporal, onEvent, dataDirectory } = options;
  if (temporal.address !== null) {
    const connection = await connectToTemporal(temporal.address);
    try {
      await prepareNamespace(connection, NAMESPACE_WISH);
    } finally {
      await connection.close();
    }
    return { address: temporal.address, uiUrl: null };
  }
  if (temporal.binary === null) {
    throw new StartRefused(
      'expected a Temporal server or its binary, found neither; ' +
        'run npm start, which finds or builds it',
      2,
    );
  }
  const embedded = await startEmbeddedTemporal({
    binary: temporal.binary,
    dataDirectory,
    preferredPort: temporal.port,
    preferredUiPort: temporal.uiPort,
    ...NAMESPACE_WISH,
    onLine: (message) => onEvent({ kind: 'note', message }),
  });
  stack.add('Temporal server', () => embedded.stop());
  return embedded;
}

async function openExchange(
  stack: ResourceStack,
  options: StartOptions,
  run: SimulatedRun | null,
): Promise<ExchangeProcess | null> {
  const { broker, dataDirectory, onEvent } = options;
  if (broker.kind !== 'exchange' || run === null) return null;
  const exchange = await openExchangeProcess({
    dataDirectory,
    run,
    choice: broker,
    isRolling: broker.market.kind === 'synthetic',
    onLine: (message) => onEvent({ kind: 'note', message }),
  });
  stack.add('paper exchange', () => exchange.stop());
  return exchange;
}

/** Where the broker is, and with which keys and clock. */
export function brokerAddresses(
  { broker }: StartOptions,
  { exchange, simulated: run }: Parts,
): Pick<BrokerWish, 'addresses' | 'credentials' | 'time' | 'feed' | 'dataFeed'> {
  if (broker.kind === 'alpaca-paper') {
    const { credentials, dataFeed } = broker;
    const feeds = { feed: dataFeed, dataFeed };
    return { addresses: ALPACA_PAPER, credentials, time: 'realtime', ...feeds };
  }
  if (exchange === null || run === null) throw new Error('expected the paper exchange of the run');
  const credentials = { keyId: run.keyId, secret: run.secret };
  const { addresses } = exchange;
  const dataFeed = broker.market.kind;
  return { addresses, credentials, time: 'lockstep', feed: 'iex', dataFeed };
}
