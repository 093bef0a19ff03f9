import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Row } from '../checker/books.js';
import { recordedFlags } from '../support/recorded-days.js';
import { describeWithRealData, type RealData } from '../support/real-data.js';
import {
  addFault,
  checkFolder,
  checkWorkflowsOf,
  exchangeOfRun,
  type Verdict,
  violationsOf,
} from '../support/stack-evidence.js';
import {
  openStackFolder,
  type RunningCommand,
  type StackFolder,
  told,
} from '../support/stack-folder.js';

/** A strategy that turns, under a stop that stands in the way each time. */
const PARAMETERS = JSON.stringify({ allowShort: true, stopBasisPoints: 100 });

/** The first crosses of the day, by what they make of the ids of their orders. */
const [FIRST, SECOND, THIRD, FOURTH, FIFTH] = [
  'hmhrvtc0',
  'hmhtb96o',
  'hmhu8ow0',
  'hmhub9hc',
  'hmhuzp40',
].map((instant) => `ord-movingaveragecro-IBM-${instant}`);

/**
 * The points at which the process kills itself, in the order in which a turn passes them: the sends
 * are those of its exit, then of its entry.
 */
const ARROWS = [
  ['the plan is in the books', 'turn-planned', 'always'],
  ['the cancel is in the books, nobody was asked', 'turn-canceling', 'long'],
  ['before the broker is asked to cancel', 'turn-cancel', 'long'],
  ['the broker was asked to cancel', 'turn-canceled', 'long'],
  ['the exit is asked for', 'turn-closing', 'always'],
  ['before the exit is sent', 'before-send', 'long'],
  ['the exit is answered, and nobody wrote it', 'after-answer', 'long'],
  ['the exit has filled, the entry is asked for', 'turn-opening', 'always'],
  ['before the entry is sent', 'before-send', 'long'],
  ['the entry is answered, and nobody wrote it', 'after-answer', 'long'],
  ['it has turned', 'turn-turned', 'long'],
] as const;

const isLong = process.env['ORDINIS_TEST_LONG'] === '1';
const CRASH_POINTS = ARROWS.filter(([, , when]) => isLong || when === 'always');
if (!isLong) {
  const left = ARROWS.filter(([, , when]) => when === 'long').map(([name]) => name);
  process.stderr.write(
    `LEFT OUT kills of a turn ${left.join('; ')}: set ORDINIS_TEST_LONG=1 (unit tests have them)\n`,
  );
}

function startFlags(data: RealData): readonly string[] {
  return [
    ...['start', '--strategy-parameters', PARAMETERS],
    ...recordedFlags(data, { date: '2013-10-07', symbols: 'IBM' }),
  ];
}

/** Until a decision's turn is over in the books: its last step comes after its last fill. */
async function untilTurned(folder: StackFolder, decision: string | undefined): Promise<void> {
  const look = (): void => {
    const books = new Database(join(folder.dataDirectory, 'ordinis.db'), { readonly: true });
    try {
      const row = books.prepare('SELECT state FROM turns WHERE turn_id = ?');
      expect(row.get(`${decision}-turn`)).toEqual({ state: 'turned' });
    } finally {
      books.close();
    }
  };
  await vi.waitFor(look, { timeout: 150_000, interval: 200 });
}

/** Waits for a turn's end, stops the run, and compares what it left with the exchange's journal. */
async function stopAfter(
  folder: StackFolder,
  running: RunningCommand,
  decision: string | undefined,
): Promise<Verdict> {
  await untilTurned(folder, decision);
  running.signal('SIGINT');
  const end = await running.ended;
  expect(end.code, told(end)).toBe(0);
  const verdicts = await checkFolder(folder.dataDirectory);
  expect(violationsOf(verdicts)).toEqual([]);
  const [verdict] = verdicts;
  if (verdict === undefined) throw new Error('expected books, found none');
  expect(await checkWorkflowsOf(folder.dataDirectory, verdict.books)).toEqual([]);
  return verdict;
}

function turnIn({ books }: Verdict, decision: string | undefined): Row<'turns'> | undefined {
  return books.turns.find(({ turn_id }) => turn_id === `${decision}-turn`);
}

/** Orders of a decision by their leg, with their state. */
function ordersIn({ books }: Verdict, decision: string | undefined): readonly string[] {
  return books.orders
    .filter(({ client_order_id }) => client_order_id.startsWith(`${decision}-`))
    .map(
      ({ client_order_id, state }) => `${client_order_id.slice(`${decision}-`.length)} ${state}`,
    );
}

describeWithRealData('a turn, killed at every arrow', (data) => {
  let folder: StackFolder;
  beforeAll(async () => {
    folder = await openStackFolder('turn');
  });
  afterAll(() => folder.remove());

  it.each(CRASH_POINTS)('%s: reached, and the process is dead', async (name, point) => {
    const witness = join(folder.dataDirectory, '..', `${name}.witness`);
    const end = await folder.run(startFlags(data), {
      ORDINIS_CRASH_POINT: `${point}:1`,
      ORDINIS_CRASH_FILE: witness,
    });
    expect(end.signal, told(end)).toBe('SIGKILL');
    expect(readFileSync(witness, 'utf8')).toBe(`${point}\n`);
  });

  it('then a start without a kill: one turn, each order once, books as the journal', async () => {
    const running = folder.launch(startFlags(data));
    await running.untilLine(/^running: account/); // What died last may have turned already.
    const verdict = await stopAfter(folder, running, FIRST);
    expect(turnIn(verdict, FIRST)?.state).toBe('turned');
    expect(ordersIn(verdict, FIRST)).toEqual(['turn-exit filled', 'turn-entry filled']);
    expect(verdict.journal.firedFaults).toEqual([]);
  });
});

const refusal = {
  kind: 'status',
  status: 403,
  body: { code: 40310000, message: 'insufficient qty available for order' },
} as const;

describeWithRealData('turns at a broker that does not go along', (data) => {
  let folder: StackFolder;
  beforeAll(async () => {
    folder = await openStackFolder('turn-fault');
  });
  afterAll(() => folder.remove());

  it('no exit, no entry, a lost answer: kept under its stop, closed only, turned', async () => {
    const running = folder.launch(startFlags(data));
    await running.untilLine(/^running: account/);
    const exchange = exchangeOfRun(folder.dataDirectory);
    const post = (clientOrderId: string) => ({ method: 'POST', path: '/v2/orders', clientOrderId });
    for (const exit of ['turn-exit', 'turn-exit2', 'turn-exit3']) {
      await addFault(exchange, { match: post(`${FIRST}-${exit}`), action: refusal });
    }
    await addFault(exchange, { match: post(`${THIRD}-turn-entry`), action: refusal });
    await addFault(exchange, {
      match: post(`${FIFTH}-turn-exit`),
      action: { kind: 'execute_then_drop' },
    });
    const verdict = await stopAfter(folder, running, FIFTH);
    const ends = [FIRST, THIRD, FIFTH].map((decision) => turnIn(verdict, decision)?.state);
    expect(ends).toEqual(['kept', 'closed_only', 'turned']);
    expect(ordersIn(verdict, FIRST)).toEqual([
      'turn-exit refused',
      'turn-exit2 refused',
      'turn-exit3 refused',
      'turn-keep1 canceled',
    ]);
    expect(ordersIn(verdict, THIRD)).toEqual(['turn-exit filled', 'turn-entry refused']);
    // In between nothing is held, so that a cross enters instead.
    for (const decision of [SECOND, FOURTH]) expect(turnIn(verdict, decision)).toBeUndefined();
  });
});
