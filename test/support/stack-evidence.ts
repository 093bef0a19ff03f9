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
import { answerFault } from '../exchange/answer-fault.js';
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

/**
 * Compares every account of a data folder whose run is down with its exchange. Orders that a test
 * placed there by hand are of nobody's sending.
 */
export async function checkFolder(
  dataDirectory: string,
  byHand: readonly string[] = [],
): Promise<readonly Verdict[]> {
  const file = join(dataDirectory, 'ordinis.db');
  const verdicts: Verdict[] = [];
  for (const account of accountsIn(file)) {
    const whole = await brokerSideOf(dataDirectory, account);
    const broker = { ...whole, journal: withoutSubmissions(whole.journal, byHand) };
    const books = withoutEvents(readBooks(file, account), byHand);
    const violations = [
      ...check({ books, journal: broker.journal }),
      ...checkStatement(books, broker.statement),
    ];
    verdicts.push({ account, books, ...broker, violations });
  }
  return verdicts;
}

function withoutSubmissions(journal: Journal, byHand: readonly string[]): Journal {
  const submissions = journal.submissions.filter(
    ({ clientOrderId }) => !byHand.includes(clientOrderId),
  );
  return { ...journal, submissions };
}

/** Frames of an order that nobody of us sent are external, and rightly so. */
function withoutEvents(books: Books, byHand: readonly string[]): Books {
  const ours = books.broker_events.filter(
    ({ client_order_id }) => !byHand.includes(client_order_id ?? ''),
  );
  return { ...books, broker_events: ours };
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
  const faults: string[] = [];
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
    onAnswer: ({ method, path, status, text }) => {
      const body: unknown = text === '' ? null : JSON.parse(text);
      faults.push(...[answerFault({ method, path, status, body })].filter((one) => one !== null));
    },
  });
  try {
    const side = await askExchange({ url: exchange.tradingUrl, ...keys });
    if (faults.length === 0) return side;
    throw new Error(`expected documented answers, found:\n${faults.join('\n')}`);
  } finally {
    await exchange.close();
    rmSync(copyFolder, { recursive: true, force: true });
  }
}

const ANSWER_MS_MAX = 30_000;

/** An exchange that does not answer is told, and not waited for for ever. */
function fetchSoon(url: string, request: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS_MAX) });
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
    closedOrders: await ask(access, '/v2/orders?status=closed&limit=500'),
  });
}

/** Asks a running exchange to misbehave. */
export async function addFault(access: ExchangeAccess, fault: object): Promise<void> {
  const response = await fetchSoon(`${access.url}/_fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (response.status !== 201) throw new Error(`expected a fault, found ${await response.text()}`);
}

/** From here on the exchange behaves. */
export async function removeFaults({ url }: ExchangeAccess): Promise<void> {
  const response = await fetchSoon(`${url}/_fault`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`expected no faults, found ${response.status}`);
}

/** Whether every fault that was asked for has happened. */
export async function haveFaultsFired({ url }: ExchangeAccess): Promise<boolean> {
  const response = await fetchSoon(`${url}/_fault`);
  const { faults } = (await response.json()) as {
    readonly faults: readonly { readonly firedCount: number }[];
  };
  return faults.every(({ firedCount }) => firedCount > 0);
}

/** The broker's own id of an order; null: it has none of this name. */
export async function brokerOrderId(
  access: ExchangeAccess,
  clientOrderId: string,
): Promise<string | null> {
  const path = `/v2/orders:by_client_order_id?client_order_id=${clientOrderId}`;
  const response = await fetchSoon(`${access.url}${path}`, { headers: headersOf(access) });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`expected an order or none, found ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}

/** Asks the broker as somebody else would who has the same keys. */
export async function askByHand(
  access: ExchangeAccess,
  request: { readonly method: string; readonly path: string; readonly body?: object },
): Promise<void> {
  const { method, path, body } = request;
  const response = await fetchSoon(`${access.url}${path}`, {
    method,
    headers: { ...headersOf(access), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`expected ${path} to be done, found ${response.status}`);
}

function headersOf({ keyId, secret }: ExchangeAccess): Readonly<Record<string, string>> {
  return { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret };
}

async function ask(access: ExchangeAccess, path: string): Promise<unknown> {
  const response = await fetchSoon(`${access.url}${path}`, { headers: headersOf(access) });
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
