import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { startExchange } from '../../exchange/index.js';
import { parseUsd } from '../../domain/values/index.js';
import { connectToTemporal, startEmbeddedTemporal } from '../../workers/temporal/index.js';
import { accountsIn, type Books, readBooks } from '../checker/books.js';
import { check } from '../checker/check.js';
import { checkWorkflows } from '../checker/check-workflows.js';
import { type Journal, readJournal } from '../checker/journal.js';
import { checkStatement, readStatement, type Statement } from '../checker/statement.js';
import { documented } from '../exchange/documented-answers.js';
import { stackEnvironment } from './stack-folder.js';

/** What the exchange of a run has to say for itself. */
export interface BrokerSide {
  readonly journal: Journal;
  readonly statement: Statement;
}

/** What the checker looked at, and what it found. */
export interface Verdict extends BrokerSide {
  readonly account: string;
  readonly books: Books;
  readonly violations: readonly string[];
}

/** Compares every account of a data folder whose run is down with its exchange. */
export async function checkFolder(dataDirectory: string): Promise<readonly Verdict[]> {
  const file = join(dataDirectory, 'ordinis.db');
  const verdicts: Verdict[] = [];
  for (const account of accountsIn(file)) {
    const broker = await brokerSideOf(dataDirectory, account);
    const books = readBooks(file, account);
    const violations = [
      ...check({ books, journal: broker.journal }),
      ...checkStatement(books, broker.statement),
    ];
    verdicts.push({ account, books, ...broker, violations });
  }
  return verdicts;
}

/** The violations of all accounts, one line each. */
export function violationsOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap(({ account, violations }) =>
    violations.map((violation) => `${account}: ${violation}`),
  );
}

/**
 * Asks the exchange of a run that is down, by starting it alone on a copy of its state: the same
 * commands give the same journal.
 */
export async function brokerSideOf(dataDirectory: string, account: string): Promise<BrokerSide> {
  const folder = join(dataDirectory, 'exchange');
  const copyFolder = mkdtempSync(join(tmpdir(), 'ordinis-journal-'));
  const stateFile = join(copyFolder, 'state.jsonl');
  copyFileSync(join(folder, `${account}.jsonl`), stateFile);
  const options = JSON.parse(readFileSync(join(folder, `${account}.options.json`), 'utf8'));
  const identity = JSON.parse(readFileSync(stateFile, 'utf8').split('\n', 1)[0] ?? '');
  const startingCash = parseUsd(identity.startingCashUsd);
  if (startingCash === null) throw new Error(`expected an amount, found ${stateFile}`);
  const keys = { keyId: 'checker', secret: 'checker' };
  const exchange = await startExchange({
    host: '127.0.0.1',
    port: 0,
    market: {
      ...options.choice.market,
      symbols: identity.symbols,
      rolling: identity.isRolling,
    },
    seed: identity.seed,
    mode: 'lockstep',
    speed: null,
    stateFile,
    credentials: keys,
    startingCash,
    partialFillShare: identity.partialFillShare,
    rateLimitPerMinute: null,
    openLeadMinutes: identity.openLeadMinutes,
    washTradeGuard: identity.washTradeGuard,
    ...documented,
  });
  try {
    return await askExchange({ url: exchange.tradingUrl, ...keys });
  } finally {
    await exchange.close();
    rmSync(copyFolder, { recursive: true, force: true });
  }
}

/** Where an exchange is asked, and with which keys. */
export interface ExchangeAccess {
  readonly url: string;
  readonly keyId: string;
  readonly secret: string;
}

/** The exchange of a run that is up. */
export function exchangeOfRun(dataDirectory: string): ExchangeAccess {
  const run = JSON.parse(readFileSync(join(dataDirectory, 'run.json'), 'utf8'));
  return { url: run.exchange.tradingUrl, keyId: run.exchange.keyId, secret: run.exchange.secret };
}

/** The whole journal and the present statement of a running exchange. */
export async function askExchange(access: ExchangeAccess): Promise<BrokerSide> {
  const entries: unknown[] = [];
  for (;;) {
    const page = (await ask(access, `/_journal?after=${entries.length}`)) as {
      readonly entries: readonly unknown[];
    };
    if (page.entries.length === 0) break;
    entries.push(...page.entries);
  }
  return { journal: readJournal(entries), statement: await askStatement(access) };
}

/** What a running exchange says that the account has now. */
export async function askStatement(access: ExchangeAccess): Promise<Statement> {
  return readStatement({
    account: await ask(access, '/v2/account'),
    positions: await ask(access, '/v2/positions'),
    openOrders: await ask(access, '/v2/orders?status=open&limit=500'),
  });
}

/** Asks a running exchange to misbehave. */
export async function addFault(access: ExchangeAccess, fault: object): Promise<void> {
  const response = await fetch(`${access.url}/_fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (response.status !== 201) throw new Error(`expected a fault, found ${await response.text()}`);
}

async function ask({ url, keyId, secret }: ExchangeAccess, path: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    headers: { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret },
  });
  if (!response.ok) throw new Error(`expected ${path} to answer, found ${response.status}`);
  return response.json();
}

/**
 * Looks at the workflows of orders and turns of a folder whose run is down, on a server of its own.
 */
export async function checkWorkflowsOf(
  dataDirectory: string,
  books: Books,
): Promise<readonly string[]> {
  const environment = await stackEnvironment();
  const server = await startEmbeddedTemporal({
    binary: environment['ORDINIS_TEMPORAL_BIN'] ?? '',
    dataDirectory,
    preferredPort: Number(environment['ORDINIS_TEMPORAL_PORT']),
    preferredUiPort: Number(environment['ORDINIS_UI_PORT']),
    namespace: 'ordinis',
    retentionDays: 30,
    searchAttributes: {},
    onLine: () => undefined,
  });
  try {
    const connection = await connectToTemporal(server.address);
    try {
      const client = new Client({ connection, namespace: server.namespace });
      const listed = [];
      const query = 'WorkflowType IN ("order", "turn")';
      for await (const found of client.workflow.list({ query })) {
        listed.push({ workflowId: found.workflowId, status: found.status.name });
      }
      return checkWorkflows(books, listed);
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

/** The names of the simulated runs of a folder, in the order of their numbers. */
export function runsOf(dataDirectory: string): readonly string[] {
  return readdirSync(join(dataDirectory, 'exchange'))
    .flatMap((name) => (name.endsWith('.run.json') ? [name.slice(0, -'.run.json'.length)] : []))
    .sort();
}
