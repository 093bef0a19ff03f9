import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killProcessesOf, kindOf, type OwnProcess, processesOf } from '../support/own-processes.js';
import { recordedFlags } from '../support/recorded-days.js';
import { describeWithRealData, type RealData } from '../support/real-data.js';
import { seededNumbers } from '../support/seeded-numbers.js';
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

/**
 * The points at which the process kills itself, in the order in which an order passes them, and at
 * which passage of it.
 */
const ALL_POINTS = [
  ['after-decision', 1, 'always'],
  ['after-delivery', 2, 'long'],
  ['before-admission', 2, 'long'],
  ['after-admission', 2, 'long'],
  ['before-send', 2, 'always'],
  ['after-answer', 2, 'always'],
  ['after-record', 2, 'long'],
  ['before-booking', 3, 'long'],
  ['after-booking', 3, 'always'],
] as const;

const isLong = process.env['ORDINIS_TEST_LONG'] === '1';
const CRASH_POINTS = ALL_POINTS.filter(([, , when]) => isLong || when === 'always');
if (!isLong) {
  const left = ALL_POINTS.filter(([, , when]) => when === 'long').map(([point]) => point);
  process.stderr.write(
    `LEFT OUT kills at ${left.join(', ')}: set ORDINIS_TEST_LONG=1 (simulated runs have them)\n`,
  );
}
const KILLS = isLong ? 12 : 2;
/** A day of one symbol has some forty lines about orders: it would be over before the last kill. */
const SYMBOLS = isLong ? 'SPY,IBM' : 'IBM';
/** Lines about orders after which everything is killed, at most. */
const LINES_UNTIL_KILL = 8;
const SEED = Number(process.env['ORDINIS_TEST_SEED'] ?? 20_131_007);
const ORDER_LINE = /\border ord-/;

/** The lasting processes among them; what only checks or copies a database comes and goes. */
function kindsOf(processes: readonly OwnProcess[]): readonly string[] {
  return processes.flatMap((one) => kindOf(one) ?? []).sort();
}

function startFlags(data: RealData): readonly string[] {
  return ['start', '--once', ...recordedFlags(data, { date: '2013-10-07', symbols: SYMBOLS })];
}

/** Plays the day to its end; the one account of the folder must balance, with its workflows. */
async function playToTheEnd(folder: StackFolder, running: RunningCommand): Promise<Verdict> {
  const end = await running.ended;
  expect(end.code, told(end)).toBe(0);
  const verdicts = await checkFolder(folder.dataDirectory);
  expect(verdicts.map(({ account }) => account)).toEqual(['sim-2013-10-07-1']);
  expect(violationsOf(verdicts)).toEqual([]);
  const [verdict] = verdicts;
  if (verdict === undefined) throw new Error('expected books, found none');
  expect(verdict.books.trades.length).toBeGreaterThan(0);
  expect(await checkWorkflowsOf(folder.dataDirectory, verdict.books)).toEqual([]);
  return verdict;
}

describeWithRealData('one day: killed at named points, cut off, and lied to', (data) => {
  const flags = startFlags(data);
  let folder: StackFolder;
  beforeAll(async () => {
    folder = await openStackFolder('crash');
  });
  afterAll(() => folder.remove());

  it.each(CRASH_POINTS)('%s: reached, and the process is dead', async (point, passage) => {
    const witness = join(folder.dataDirectory, '..', `${point}.witness`);
    const end = await folder.run(flags, {
      ORDINIS_CRASH_POINT: `${point}:${passage}`,
      ORDINIS_CRASH_FILE: witness,
    });
    expect(end.signal, told(end)).toBe('SIGKILL');
    expect(readFileSync(witness, 'utf8')).toBe(`${point}\n`);
  });

  it(`everything killed at random moments, ${KILLS} times, seed ${SEED}`, async () => {
    const below = seededNumbers(SEED);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const running = folder.launch(flags);
      for (let line = below(LINES_UNTIL_KILL); line >= 0; line -= 1) {
        await running.untilLine(ORDER_LINE);
      }
      // Ordinis, Temporal and the exchange: as a power cut would.
      const killed = await killProcessesOf(folder.dataDirectory);
      expect(kindsOf(killed)).toEqual(['exchange', 'ordinis', 'temporal']);
      expect((await running.ended).signal).toBe('SIGKILL');
    }
  }, 300_000);

  it('lost requests, answers and frames, a second start: the books equal the journal', async () => {
    const running = folder.launch(flags);
    await running.untilLine(/^running: account/);
    const exchange = exchangeOfRun(folder.dataDirectory);
    const post = { method: 'POST', path: '/v2/orders' };
    await addFault(exchange, {
      match: { ...post, nth: 1 },
      action: { kind: 'execute_then_drop' },
    });
    // Soon: the kills have left little of the day.
    await addFault(exchange, { match: { ...post, nth: 2 }, action: { kind: 'drop_before' } });
    await addFault(exchange, {
      match: { event: 'fill', nth: 2 },
      action: { kind: 'mute_event' },
    });
    await expectSecondStartRefused(folder, running.pid);
    const verdict = await playToTheEnd(folder, running);
    expect([...verdict.journal.firedFaults].sort()).toEqual([
      'drop_before',
      'execute_then_drop',
      'mute_event',
    ]);
  });

  async function expectSecondStartRefused(folder: StackFolder, holder: number): Promise<void> {
    const second = await folder.run(flags);
    expect(second).toMatchObject({ code: 2, lines: [] });
    expect(second.complaints).toEqual([expect.stringContaining(`(process ${holder})`)]);
    const after = await processesOf(folder.dataDirectory);
    expect(kindsOf(after)).toEqual(['exchange', 'ordinis', 'temporal']);
    expect(after.map(({ pid }) => pid)).toContain(holder);
  }
});
