import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Journal } from '../checker/journal.js';
import { ordersThatRaise } from '../checker/statement.js';
import { repositoryRoot } from '../support/repository.js';
import {
  askExchange,
  askStatement,
  checkFolder,
  exchangeOfRun,
  violationsOf,
} from '../support/stack-evidence.js';
import {
  type CommandEnd,
  follow,
  openStackFolder,
  type RunningCommand,
  stackEnvironment,
  type StackFolder,
  told,
} from '../support/stack-folder.js';

/** A day in about half a minute, and then the next one: there is always a market to trade. */
const START = ['start', '--market', 'synthetic', '--symbols', 'SPY,QQQ', '--speed', '780'];
const PATIENCE = { timeout: 60_000, interval: 100 };
const RELEASE = ['--by', 'Ada', '--reason', 'looked at it'];

let folder: StackFolder;
let running: RunningCommand;
/** The line that the start printed for halting through Temporal. */
let signalLine: string;

beforeAll(async () => {
  folder = await openStackFolder('halt');
  running = folder.launch(START);
  signalLine = (await running.untilLine(/npm run temporal -- .*workflow signal/)).trim();
});

afterAll(() => folder.remove());

/** Waits for an order at the exchange that could still raise exposure. */
async function untilSomethingIsOpen(): Promise<void> {
  const exchange = exchangeOfRun(folder.dataDirectory);
  await vi.waitFor(async () => {
    expect(ordersThatRaise(await askStatement(exchange))).not.toEqual([]);
  }, PATIENCE);
}

/** Nothing that can raise exposure is open at the exchange, and the cancel has been verified. */
async function untilNothingCanRise(): Promise<void> {
  const exchange = exchangeOfRun(folder.dataDirectory);
  await vi.waitFor(async () => {
    expect(ordersThatRaise(await askStatement(exchange))).toEqual([]);
  }, PATIENCE);
  await vi.waitFor(
    () => expect(openCauses().filter((one) => !one.isComplete)).toEqual([]),
    PATIENCE,
  );
}

interface OpenCause {
  readonly reason: string;
  readonly isComplete: boolean;
}

/** The causes as they stand in the books. */
function openCauses(): readonly OpenCause[] {
  return query(
    'SELECT reason, completed_at_wall_ms FROM halt_causes WHERE released_at_wall_ms IS NULL',
  ).map((row) => ({
    reason: String(row['reason']),
    isComplete: row['completed_at_wall_ms'] !== null,
  }));
}

function query(statement: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new Database(join(folder.dataDirectory, 'ordinis.db'), { readonly: true });
  try {
    return database.prepare<[], Readonly<Record<string, unknown>>>(statement).all();
  } finally {
    database.close();
  }
}

/** Sends that began after an instant of wall time: there must be none while it is halted. */
function sendsSince(wallMs: number): readonly unknown[] {
  const since = `recorded_at_wall_ms > ${wallMs}`;
  return query(`SELECT * FROM order_events WHERE kind = 'send_began' AND ${since}`);
}

/**
 * Nothing started to be sent after the halt: whatever the exchange received since then had begun
 * before it.
 */
async function expectNothingSentSince(haltedAtWallMs: number): Promise<void> {
  const { journal } = await askExchange(exchangeOfRun(folder.dataDirectory));
  const began = new Map(
    query("SELECT * FROM order_events WHERE kind = 'send_began'").map((row) => [
      row['client_order_id'],
      Number(row['recorded_at_wall_ms']),
    ]),
  );
  const late = submissionsSince(journal, haltedAtWallMs).filter(
    (one) => (began.get(one.clientOrderId) ?? haltedAtWallMs) >= haltedAtWallMs,
  );
  expect(late).toEqual([]);
}

function submissionsSince(journal: Journal, wallMs: number): Journal['submissions'] {
  return journal.submissions.filter((submission) => submission.receivedWallMs > wallMs);
}

/** Waits until the strategy has tried something and risk has said no. */
async function untilDenied(): Promise<void> {
  await running.untilLine(/\border .*: denied.*halt/);
}

/**
 * Kills the process at a moment at which no send is under way. One that is would be unknown,
 * rightly so, for the five minutes that the proof of its absence takes: that is another test's
 * story.
 */
async function killWithNothingInFlight(): Promise<void> {
  await vi.waitFor(() => {
    process.kill(running.pid, 'SIGSTOP');
    try {
      expect(processState(running.pid)).toBe('T');
      expect(ordersInFlight()).toEqual([]);
    } catch (error) {
      process.kill(running.pid, 'SIGCONT');
      throw error;
    }
  }, PATIENCE);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
}

/** The kernel's letter for what a process is doing; T is stopped. */
function processState(pid: number): string {
  return (
    /\) (?<letter>\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.groups?.['letter'] ?? ''
  );
}

function ordersInFlight(): readonly unknown[] {
  return query(
    "SELECT client_order_id FROM orders WHERE state IN ('created', 'submitting', 'unknown')",
  );
}

/** Waits until the exchange has received an order again. */
async function untilTradingGoesOn(): Promise<void> {
  const sinceWallMs = Date.now();
  const exchange = exchangeOfRun(folder.dataDirectory);
  await vi.waitFor(async () => {
    const { journal } = await askExchange(exchange);
    expect(submissionsSince(journal, sinceWallMs)).not.toEqual([]);
  }, PATIENCE);
}

/** Runs a line as a person would who pasted it into a shell at the root of the clone. */
async function paste(line: string): Promise<CommandEnd> {
  const child = spawn('sh', ['-c', line], {
    cwd: repositoryRoot,
    env: await stackEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child, [line]).ended;
}

/** Asks for the release until the cancel is verified and the books are calm. */
async function resume(): Promise<void> {
  await vi.waitFor(
    async () => {
      const end = await folder.run(['resume', ...RELEASE]);
      expect(end.code, told(end)).toBe(0);
    },
    { ...PATIENCE, interval: 1_000 },
  );
  expect(openCauses()).toEqual([]);
  expect(existsSync(join(folder.dataDirectory, 'KILL_SWITCH'))).toBe(false);
}

describe('one account, halted in every way and released again', () => {
  it('the kill file: nothing is sent any more, nothing that raises stays open', async () => {
    await untilSomethingIsOpen();
    writeFileSync(join(folder.dataDirectory, 'KILL_SWITCH'), '');
    const haltedAtWallMs = Date.now();
    await untilNothingCanRise();
    await untilDenied();
    expect(openCauses()).toEqual([{ reason: 'file', isComplete: true }]);
    await expectNothingSentSince(haltedAtWallMs);
  });

  it('a release without a name, or of another version: refused, with every condition', async () => {
    const unsigned = await folder.run(['resume', '--reason', 'looked at it']);
    expect(unsigned).toMatchObject({ code: 2, lines: [] });
    expect(unsigned.complaints).toEqual([expect.stringContaining('--by NAME')]);
    const outdated = await folder.run(['resume', ...RELEASE, '--halt-version', '999']);
    expect(outdated.code).toBe(1);
    const conditions = outdated.lines.join('\n');
    expect(conditions).toContain('halt version 999 was seen');
    expect(conditions).toContain('was made by hand: remove it');
    expect(openCauses()).toHaveLength(1);
  });

  it('the file is removed: its halt ends with it, and trading goes on', async () => {
    rmSync(join(folder.dataDirectory, 'KILL_SWITCH'));
    await vi.waitFor(() => expect(openCauses()).toEqual([]), PATIENCE);
    await untilTradingGoesOn();
  });

  it('the printed signal, verbatim: halted with what it says', async () => {
    await untilSomethingIsOpen();
    const end = await paste(signalLine);
    expect(end.code, told(end)).toBe(0);
    await untilNothingCanRise();
    const haltedAtWallMs = Date.now();
    expect(openCauses()).toEqual([{ reason: 'manual', isComplete: true }]);
    await untilDenied();
    expect(sendsSince(haltedAtWallMs)).toEqual([]);
    await expectNothingSentSince(haltedAtWallMs);
    await resume();
    await untilTradingGoesOn();
  });

  it('the printed signal without input, or with input of another shape: halted', async () => {
    await untilSomethingIsOpen();
    for (const input of ['', " --input '[1,2]'"]) {
      const end = await paste(signalLine.replace(/ --input .*$/, input));
      expect(end.code, told(end)).toBe(0);
    }
    await vi.waitFor(() => expect(openCauses()).toHaveLength(2), PATIENCE);
    await untilNothingCanRise();
    const unspecified = { reason: 'unspecified', isComplete: true };
    expect(openCauses()).toEqual([unspecified, unspecified]);
    await resume();
  });

  it('ordinis halt with the worker dead: the exchange is cleared, a start is halted', async () => {
    await untilSomethingIsOpen();
    const exchange = exchangeOfRun(folder.dataDirectory);
    await killWithNothingInFlight();
    const halt = await folder.run(['halt', '--by', 'Ada', '--json']);
    expect(halt.code, told(halt)).toBe(0);
    expect(JSON.parse(halt.lines.at(-1) ?? '')).toMatchObject({
      file: 'done',
      books: 'done',
      cancel: 'done',
      unresolved: [],
      isRunning: false,
    });
    expect(ordersThatRaise(await askStatement(exchange))).toEqual([]);
    const haltedAtWallMs = Date.now();
    running = folder.launch(START);
    await running.untilLine(/^up, but halted/);
    await untilDenied();
    await expectNothingSentSince(haltedAtWallMs);
    await untilNothingCanRise();
  });

  it('ordinis halt beside the running process, twice: two causes, released together', async () => {
    const halt = await folder.run(['halt', '--reason-text', 'once more']);
    expect(halt.code, told(halt)).toBe(0);
    expect(openCauses()).toHaveLength(2);
    await resume();
    await untilTradingGoesOn();
  });

  it('stopped in order: the books equal the journal, halts and denials included', async () => {
    running.signal('SIGTERM');
    const end = await running.ended;
    expect(end.code, told(end)).toBe(0);
    const verdicts = await checkFolder(folder.dataDirectory);
    expect(violationsOf(verdicts)).toEqual([]);
    expect(verdicts[0]?.statement.openOrders).toEqual([]);
    expect(verdicts[0]?.books.orders.map(({ state }) => state)).toContain('denied');
  });
});
