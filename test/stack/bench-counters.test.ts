import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderCount } from '../../bench/orders/counters.js';
import type { Report } from '../../bench/orders/report.js';
import { repositoryRoot } from '../support/repository.js';
import { follow, stackEnvironment, told } from '../support/stack-folder.js';

/**
 * What one order costs, counted by the bench on the real stack. Nothing here is timed: a slow
 * machine counts the same.
 */
const EVENTS_IMMEDIATE_MAX = 16;
const EVENTS_RESTING_MAX = 20;
/** As found, 56 and 83, and a little room: the outbox may look once more. More is a decision. */
const STATEMENTS_IMMEDIATE_MAX = 62;
const STATEMENTS_RESTING_MAX = 89;
/** As found, and room for the stream to come in one batch more. */
const COMMITS_IMMEDIATE_MAX = 5;
const COMMITS_RESTING_MAX = 7;

describe('hard counters of an order, on the real stack', () => {
  let report: Report;

  beforeAll(async () => {
    report = await counted();
  });

  const immediate = (of: (count: OrderCount) => number): readonly number[] =>
    report.counters.immediate.map(of);

  it('fill with the answer: history events → at most 16', () => {
    // The least of several: on a busy machine a fill may come too late to be told with the answer.
    expect(Math.min(...immediate(({ historyEvents }) => historyEvents))).toBeLessThanOrEqual(
      EVENTS_IMMEDIATE_MAX,
    );
  });

  it('rests five seconds, then fills: history events → at most 20', () => {
    expect(report.counters.resting.historyEvents).toBeLessThanOrEqual(EVENTS_RESTING_MAX);
  });

  it('before the wire → exactly one activity', () => {
    const before = immediate(({ activitiesBeforeWire }) => activitiesBeforeWire);
    expect([...before, report.counters.resting.activitiesBeforeWire]).toEqual(
      [...before, 0].map(() => 1),
    );
  });

  it('statements and commits of the books → no more than they were', () => {
    const { resting } = report.counters;
    // The least of several: anything else that wrote meanwhile is not of the order.
    expect(Math.min(...immediate(({ statements }) => statements))).toBeLessThanOrEqual(
      STATEMENTS_IMMEDIATE_MAX,
    );
    expect(Math.min(...immediate(({ commits }) => commits))).toBeLessThanOrEqual(
      COMMITS_IMMEDIATE_MAX,
    );
    expect(resting.statements).toBeLessThanOrEqual(STATEMENTS_RESTING_MAX);
    expect(resting.commits).toBeLessThanOrEqual(COMMITS_RESTING_MAX);
  });
});

/** Runs `npm run bench -- orders --counters --json` as built. */
async function counted(): Promise<Report> {
  const program = join(repositoryRoot, 'dist', 'bench', 'orders.js');
  if (!existsSync(program)) {
    throw new Error(`expected the built bench at ${program}, found none; run "npm run build"`);
  }
  const args = [program, '--counters', '--json'];
  const env = await stackEnvironment();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = await follow(child, args).ended;
  if (end.code !== 0) throw new Error(`expected the bench to count, found ${told(end)}`);
  return JSON.parse(end.lines.at(-1) ?? '') as Report;
}
