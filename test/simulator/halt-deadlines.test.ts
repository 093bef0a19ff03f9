import { describe, expect, it } from 'vitest';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { HaltCauseRow } from '../../adapters/store/port.js';
import { epochMs } from '../../domain/values/index.js';
import { haltCauseRow, newAccount } from '../store/rows-fixture.js';
import { HALT_DEADLINE_MS, HaltDeadlines } from './invariants/halt-deadlines.js';

const ACCOUNT = 'sim-test-1';
const LOOK_MS = 30_000;

const CAUSE = { ...haltCauseRow('cause'), engagedAtWallMs: epochMs(0) };
const LATE = ['I7: the halt cause is neither complete nor told of in time'];

async function openBooks() {
  const books = openMemoryBooks();
  await books.openAccount(newAccount(ACCOUNT));
  return books;
}

interface Circumstances {
  readonly isUp?: boolean;
  readonly wallBehindMs?: number;
  readonly causeAt?: (nowMs: number) => readonly HaltCauseRow[];
}

/** What looks every half minute find until shortly after the deadline. */
async function found(books: Awaited<ReturnType<typeof openBooks>>, given: Circumstances = {}) {
  const { isUp = true, wallBehindMs = 0, causeAt = () => [CAUSE] } = given;
  let nowMs = 0;
  const deadlines = new HaltDeadlines({
    reader: books.reader(ACCOUNT),
    nowMs: () => nowMs,
    wallMs: () => nowMs - wallBehindMs,
    isUp: () => isUp,
  });
  const faults: string[] = [];
  for (; nowMs <= HALT_DEADLINE_MS + LOOK_MS; nowMs += LOOK_MS) {
    faults.push(...(await deadlines.faultsOf(causeAt(nowMs))));
  }
  return { faults, pending: deadlines.pending };
}

describe('a halt and its deadline', () => {
  it('neither complete nor told of → found once', async () => {
    expect(await found(await openBooks())).toEqual({ faults: LATE, pending: [] });
  });

  it('complete, or released, in time → nothing to say', async () => {
    const books = await openBooks();
    const complete = { ...CAUSE, completedAtWallMs: epochMs(1) };
    const causeAt = (nowMs: number) => (nowMs < 2 * LOOK_MS ? [CAUSE] : [complete]);
    expect(await found(books, { causeAt })).toEqual({ faults: [], pending: [] });
    const released = (nowMs: number) => (nowMs < 2 * LOOK_MS ? [CAUSE] : []);
    expect(await found(books, { causeAt: released })).toEqual({ faults: [], pending: [] });
  });

  it('a person is told what stands in the way → nothing to say', async () => {
    const books = await openBooks();
    await books.transaction(ACCOUNT, async ({ alerts }) => {
      await alerts.record({
        alertId: 'halt-incomplete/cause/1',
        type: 'kill_switch',
        severity: 'critical',
        title: 'Halted, 1 unresolved',
        message: 'order one is unknown',
        metadata: '{}',
        atMs: epochMs(0),
        recordedAtWallMs: epochMs(0),
        acknowledgedBy: null,
      });
    });
    expect(await found(books)).toEqual({ faults: [], pending: [] });
  });

  it('no process is up, or the wall clock was stepped back → not yet', async () => {
    const books = await openBooks();
    const waiting = { faults: [], pending: ['cause'] };
    expect(await found(books, { isUp: false })).toEqual(waiting);
    expect(await found(books, { wallBehindMs: 2 * LOOK_MS })).toEqual(waiting);
  });
});
