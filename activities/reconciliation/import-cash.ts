import type { CashActivity } from '../../adapters/broker/port.js';
import type { CashEntryRow } from '../../adapters/store/port.js';
import { absoluteUsd, addUsd, subtractUsd } from '../../domain/values/index.js';
import type { World } from '../world.js';

/**
 * Books what moved cash at the broker without a fill since the books began: dividends, interest,
 * fees, deposits. All that is new or nothing: they are taken only where cash agrees with them,
 * since an entry is never changed. What they do not explain stays a difference.
 */
export async function importCash(world: World): Promise<void> {
  const account = await world.reader.account();
  if (account === null) return;
  const { createdAtMs } = account;
  const listed = await world.broker.cashActivitiesSince(createdAtMs);
  // What came before the books began is in their opening balance.
  const entries = listed.filter(({ atMs }) => atMs > createdAtMs).flatMap(entryOf);
  if (entries.length === 0) return;
  const { cash } = await world.broker.account();
  await world.books.transaction(world.account, async (transaction) => {
    const known = new Set((await transaction.cash.entries()).map(({ entryId }) => entryId));
    const added = entries.filter(({ entryId }) => !known.has(entryId));
    const ours = transaction.account.get().cash;
    const explained = addUsd(ours, ...added.map(({ amount }) => amount));
    const unexplained = absoluteUsd(subtractUsd(cash, explained));
    if (added.length === 0 || unexplained > world.settings.cashToleranceMicros) return;
    for (const entry of added) await transaction.cash.record(entry);
    transaction.account.set({ cash: explained });
    transaction.audit({
      actor: 'ordinis',
      kind: 'cash_imported',
      entity: world.account,
      body: JSON.stringify({ entries: added.map(({ entryId }) => entryId) }),
      atWallMs: world.wallClock.nowMs(),
    });
  });
}

/** The broker's words for what moves cash and nothing else. */
const KINDS: Readonly<Record<string, CashEntryRow['kind']>> = {
  DIV: 'dividend',
  DIVCGL: 'dividend',
  DIVCGS: 'dividend',
  DIVFT: 'dividend',
  DIVNRA: 'dividend',
  DIVROC: 'dividend',
  DIVTW: 'dividend',
  DIVTXEX: 'dividend',
  CGD: 'dividend',
  INT: 'interest',
  INTNRA: 'interest',
  INTTW: 'interest',
  FEE: 'fee',
  DIVFEE: 'fee',
  PTC: 'fee',
  PTR: 'fee',
  CSD: 'transfer',
  CSW: 'transfer',
  JNLC: 'transfer',
  ACATC: 'transfer',
};

/** None for another word: what else it moves, positions perhaps, nobody has decided yet. */
function entryOf(activity: CashActivity): readonly CashEntryRow[] {
  const kind = KINDS[activity.type];
  if (kind === undefined) return [];
  const { activityId, amount, atMs, raw } = activity;
  return [{ entryId: `activity/${activityId}`, kind, amount, evidence: raw, atMs }];
}
