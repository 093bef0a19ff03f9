import { describe, expect, it } from 'vitest';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { HaltCauseRow } from '../../adapters/store/port.js';
import { epochMs } from '../../domain/values/index.js';
import type { BrokerOrder } from '../checker/journal.js';
import { haltCauseRow, newAccount } from '../store/rows-fixture.js';
import { ExchangeJournal } from './exchange/exchange-journal.js';
import { HaltRules } from './invariants/halt-rules.js';
import { IN_FORCE_MS_MAX, TakenHalts } from './invariants/taken-halts.js';

const ACCOUNT = 'sim-test-1';

const ORDER: BrokerOrder = {
  id: 'one',
  clientOrderId: 'one',
  symbol: 'SPY',
  side: 'buy',
  type: 'limit',
  timeInForce: 'day',
  quantityNanos: 100n,
  limitPriceNanos: null,
  stopPriceNanos: null,
  status: 'new',
  filledNanos: 0n,
};
const FOREIGN: BrokerOrder = { ...ORDER, id: 'foreign-1', clientOrderId: 'foreign-1' };

interface Watched {
  readonly rules: HaltRules;
  readonly journal: ExchangeJournal;
  /** What a commit finds at an instant, if the account says that it is in this mode. */
  readonly commitAt: (nowMs: number, haltMode: string) => Promise<readonly string[]>;
}

/** Books that hold these causes. */
async function watched(
  causes: readonly HaltCauseRow[],
  staleToldAtMs = Number.NEGATIVE_INFINITY,
): Promise<Watched> {
  const books = openMemoryBooks();
  await books.openAccount(newAccount(ACCOUNT));
  await books.transaction(ACCOUNT, async ({ halts }) => {
    for (const cause of causes) await halts.engage(cause);
  });
  const journal = new ExchangeJournal(0n);
  let latestMs = 0;
  const rules = new HaltRules({
    reader: books.reader(ACCOUNT),
    journal,
    isKillFileEngaged: () => false,
    staleToldAtMs: () => staleToldAtMs,
    nowMs: () => latestMs,
    wallMs: () => latestMs,
    isUp: () => true,
  });
  const commitAt: Watched['commitAt'] = (nowMs, haltMode) => {
    latestMs = nowMs;
    return rules.commitFaults(haltMode, () => new Set(['accepted']));
  };
  return { rules, journal, commitAt };
}

const HALTED = { ...haltCauseRow('halted'), engagedAtWallMs: epochMs(0) };
const REDUCED: HaltCauseRow = { ...HALTED, causeId: 'reduced', mode: 'reduce_only' };

describe('the mode that is in force', () => {
  it.each([
    ['nothing', [], 'none'],
    ['a loss', [REDUCED], 'reduce_only'],
    ['a loss and a halt', [REDUCED, HALTED], 'halted'],
  ] as const)('%s is open, and the account says so → nothing to say', async (...row) => {
    const [, causes, mode] = row;
    const { rules, commitAt } = await watched(causes);
    expect(await commitAt(0, mode)).toEqual([]);
    expect(rules.mode).toBe(mode);
  });

  it('a halt is open, the account says that nothing is → found, and so is a send', async () => {
    const { rules, commitAt } = await watched([REDUCED, HALTED]);
    expect(await commitAt(0, 'none')).toEqual([
      'I7: the account is in mode none, its open causes make halted',
    ]);
    expect(rules.sendFaults('one')).toEqual(['I7: one is sent after a halt was committed']);
  });

  it('the account is halted by nothing → found', async () => {
    const { commitAt } = await watched([REDUCED]);
    expect(await commitAt(0, 'halted')).toEqual([
      'I7: the account is in mode halted, its open causes make reduce_only',
    ]);
  });
});

interface Completion {
  readonly openForMs: number;
  readonly staleToldAtMs?: number;
  readonly cancelPolicy?: HaltCauseRow['cancelPolicy'];
}

/** A halt that is complete in the books while the exchange has the order, for as long as given. */
async function completeHalt(order: BrokerOrder, given: Completion): Promise<readonly string[]> {
  const { openForMs, staleToldAtMs, cancelPolicy = 'cancel-all' } = given;
  const cause = { ...HALTED, completedAtWallMs: epochMs(1), cancelPolicy };
  const { rules, journal, commitAt } = await watched([cause], staleToldAtMs);
  journal.orders.set(order.id, order);
  rules.told(order);
  return commitAt(openForMs, 'halted');
}

describe('a halt that is called complete', () => {
  const raiser = ['I7: a halt is complete while buy SPY can raise exposure'];

  it('an order of ours is open → not complete, however new it is', async () => {
    expect(await completeHalt(ORDER, { openForMs: 0 })).toEqual(raiser);
  });

  it('it wants nothing gone → complete', async () => {
    expect(await completeHalt(ORDER, { openForMs: 0, cancelPolicy: 'none' })).toEqual([]);
  });

  it('somebody else has just placed one → no list can have shown it', async () => {
    expect(await completeHalt(FOREIGN, { openForMs: 11_999 })).toEqual([]);
  });

  it('somebody else placed one before the lists → not complete', async () => {
    expect(await completeHalt(FOREIGN, { openForMs: 12_000 })).toEqual(raiser);
  });

  it('a halt was shown what had been, just before → its look may have missed it', async () => {
    expect(await completeHalt(ORDER, { openForMs: 24_000, staleToldAtMs: 0 })).toEqual([]);
  });

  it('a halt was shown what had been, before its last look → not complete', async () => {
    expect(await completeHalt(ORDER, { openForMs: 24_001, staleToldAtMs: 0 })).toEqual(raiser);
  });
});

const LOOK_MS = 30_000;
const LOST = ['I7: the halt "stop" was taken and is not in the books'];

/** What looks every half minute find, of a halt that was taken, until shortly after it is late. */
function found(given: { readonly isUp?: boolean; readonly engagedAtMs?: number }) {
  const { isUp = true, engagedAtMs = Number.POSITIVE_INFINITY } = given;
  let nowMs = 0;
  const taken = new TakenHalts({ nowMs: () => nowMs, isUp: () => isUp });
  taken.taken('stop');
  const faults: string[] = [];
  for (; nowMs <= IN_FORCE_MS_MAX + LOOK_MS; nowMs += LOOK_MS) {
    faults.push(...taken.faultsOf(nowMs < engagedAtMs ? [] : [HALTED]));
  }
  return { faults, pending: taken.pending };
}

describe('a halt that was taken', () => {
  it('the books never hold it → found once', () => {
    expect(found({})).toEqual({ faults: LOST, pending: [] });
  });

  it('the books hold it in time → nothing to say', () => {
    expect(found({ engagedAtMs: IN_FORCE_MS_MAX })).toEqual({ faults: [], pending: [] });
  });

  it('no process is up → not yet', () => {
    expect(found({ isUp: false })).toEqual({ faults: [], pending: ['stop'] });
  });
});
