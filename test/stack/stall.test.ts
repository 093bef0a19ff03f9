import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { violationsOf, checkFolder } from '../support/stack-evidence.js';
import {
  openStackFolder,
  type RunningCommand,
  type StackFolder,
  told,
} from '../support/stack-folder.js';

/** A day in about a minute: decisions are made all the time. */
const START = ['start', '--market', 'synthetic', '--symbols', 'SPY,QQQ', '--speed', '390'];
/** A short threshold, so that a short pause is a stall. */
const STALL = { ORDINIS_STALL_MS: '1500' };
const PAUSE_MS = 5_000;
const PATIENCE = { timeout: 60_000, interval: 100 };

let folder: StackFolder;
let running: RunningCommand;

beforeAll(async () => {
  folder = await openStackFolder('stall');
  running = folder.launch(START, STALL);
  await running.untilLine(/\border .*: filled/);
});

afterAll(() => folder.remove());

function query(statement: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new Database(join(folder.dataDirectory, 'ordinis.db'), { readonly: true });
  try {
    return database.prepare<[], Readonly<Record<string, unknown>>>(statement).all();
  } finally {
    database.close();
  }
}

/** Wall instants at which sends began after another, by the decision that they were for. */
function sendsAfter(wallMs: number): readonly { decidedAtMs: number; atWallMs: number }[] {
  const rows = query(
    'SELECT o.decided_at_ms AS decided, e.recorded_at_wall_ms AS at FROM order_events e ' +
      'JOIN orders o ON o.account = e.account AND o.client_order_id = e.client_order_id ' +
      `WHERE e.kind = 'send_began' AND e.recorded_at_wall_ms > ${wallMs}`,
  );
  return rows.map((row) => ({ decidedAtMs: Number(row['decided']), atWallMs: Number(row['at']) }));
}

function auditOf(kind: string): readonly { atWallMs: number; body: Record<string, unknown> }[] {
  return query(`SELECT at_wall_ms, body FROM audit_records WHERE kind = '${kind}'`).map((row) => ({
    atWallMs: Number(row['at_wall_ms']),
    body: JSON.parse(String(row['body'])) as Record<string, unknown>,
  }));
}

describe('the lock holder is paused and resumed', () => {
  it('a second start meanwhile → refused: the kernel keeps a paused process’s lock', async () => {
    const pausedAtMs = Date.now();
    process.kill(running.pid, 'SIGSTOP');
    try {
      const second = await folder.run(START);
      expect(second.code).toBe(2);
      expect(second.complaints.join(' ')).toContain(`process ${running.pid}`);
      await vi.waitFor(() => expect(Date.now() - pausedAtMs).toBeGreaterThan(PAUSE_MS), PATIENCE);
    } finally {
      process.kill(running.pid, 'SIGCONT');
    }
  });

  it('resumed → nothing decided before is sent; repaired, compared, then traded on', async () => {
    await vi.waitFor(() => expect(auditOf('stall_over')).not.toEqual([]), PATIENCE);
    const [found] = auditOf('stall_found');
    const [over] = auditOf('stall_over');
    expect(found?.body).toMatchObject({ kind: 'stood_still' });
    expect(Number(found?.body['gapMs'])).toBeGreaterThan(PAUSE_MS / 2);
    const foundAtMs = Number(found?.body['foundAtMs']);
    const [foundAtWallMs, overAtWallMs] = [found?.atWallMs ?? 0, over?.atWallMs ?? 0];
    await vi.waitFor(() => expect(sendsAfter(overAtWallMs)).not.toEqual([]), PATIENCE);
    const later = sendsAfter(foundAtWallMs);
    expect(later.filter(({ decidedAtMs }) => decidedAtMs <= foundAtMs)).toEqual([]);
    const [shut] = query(
      `SELECT max(started_at_wall_ms) AS at FROM reconciliation_runs WHERE trigger LIKE 'stall %'`,
    );
    expect(later.filter(({ atWallMs }) => atWallMs < Number(shut?.['at']))).toEqual([]);
  });

  it('the books are the exchange’s, whatever the pause did', async () => {
    running.signal('SIGINT');
    const end = await running.ended;
    expect(end.code, told(end)).toBe(0);
    expect(violationsOf(await checkFolder(folder.dataDirectory))).toEqual([]);
  });
});
