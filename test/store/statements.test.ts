import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Books, BooksTransaction } from '../../adapters/store/port.js';
import { usd } from '../../domain/values/index.js';
import { openTestDatabase, type TestDatabase } from './open-books.js';
import {
  ACCOUNT,
  alertRow,
  at,
  auditEntry,
  brokerEventRow,
  cashEntryRow,
  discrepancyRow,
  eventOf,
  fillOf,
  haltCauseRow,
  instrumentRow,
  limitsRow,
  newAccount,
  orderOf,
  orderRow,
  positionChangeRow,
  positionRow,
  reservationRow,
  riskDecisionRow,
  runRow,
  signalRow,
  streamStateRow,
  systemStateRow,
  tradeRow,
  tradingDayRow,
  turnRow,
} from './rows-fixture.js';

type Call = (tx: BooksTransaction) => Promise<unknown>;

/** Calls that must each cost one statement: they add up within every order. */
const CALLS: readonly (readonly [string, Call])[] = [
  ['orders.create', (tx) => tx.orders.create(orderRow('b'))],
  [
    'orders.update',
    (tx) => tx.orders.update({ ...orderOf('a'), version: 2 }, 1, { rawBody: '{}' }),
  ],
  ['orders.appendEvent', (tx) => tx.orders.appendEvent(eventOf('a'))],
  ['orders.byClientOrderId', (tx) => tx.orders.byClientOrderId('a')],
  ['orders.byBrokerOrderId', (tx) => tx.orders.byBrokerOrderId('a')],
  ['orders.inStates', (tx) => tx.orders.inStates(['created', 'submitting'], 'SPY')],
  ['orders.recent', (tx) => tx.orders.recent(5)],
  ['orders.decidedSince', (tx) => tx.orders.decidedSince(at(0))],
  ['orders.countByState', (tx) => tx.orders.countByState(at(0))],
  ['fills.record', (tx) => tx.fills.record(fillOf('a', 0, 1))],
  ['fills.byOrder', (tx) => tx.fills.byOrder('a')],
  ['positions.upsert', (tx) => tx.positions.upsert(positionRow('SPY'))],
  ['positions.recordChange', (tx) => tx.positions.recordChange(positionChangeRow('1'))],
  ['positions.bySymbol', (tx) => tx.positions.bySymbol('SPY')],
  ['positions.active', (tx) => tx.positions.active()],
  ['positions.delete', (tx) => tx.positions.delete('SPY')],
  ['trades.record', (tx) => tx.trades.record(tradeRow('1'))],
  ['trades.openOf', (tx) => tx.trades.openOf('SPY')],
  ['reservations.put', (tx) => tx.reservations.put(reservationRow('a'))],
  ['reservations.delete', (tx) => tx.reservations.delete('a')],
  ['turns.create', (tx) => tx.turns.create(turnRow('b'))],
  ['turns.inStates', (tx) => tx.turns.inStates(['canceling'], 'SPY')],
  ['cash.record', (tx) => tx.cash.record(cashEntryRow('1'))],
  ['tradingDays.put', (tx) => tx.tradingDays.put(tradingDayRow('2013-10-07'))],
  ['tradingDays.latest', (tx) => tx.tradingDays.latest()],
  ['systemState.set', (tx) => tx.systemState.set(systemStateRow())],
  ['halts.engage', (tx) => tx.halts.engage(haltCauseRow('1'))],
  ['halts.openCauses', (tx) => tx.halts.openCauses()],
  ['signals.record', (tx) => tx.signals.record(signalRow(60))],
  ['riskDecisions.record', (tx) => tx.riskDecisions.record(riskDecisionRow('a'))],
  ['instruments.upsert', (tx) => tx.instruments.upsert(instrumentRow('SPY'))],
  ['brokerEvents.record', (tx) => tx.brokerEvents.record(brokerEventRow('1', 'a'))],
  ['streamState.set', (tx) => tx.streamState.set(streamStateRow())],
  ['outbox.post', (tx) => tx.outbox.post({ kind: 'reconcile', target: 'a', payload: '' })],
  ['outbox.undelivered', (tx) => tx.outbox.undelivered(5)],
  ['outbox.markDelivered', (tx) => tx.outbox.markDelivered('reconcile', 'a', 1)],
  ['reconciliation, clean', (tx) => tx.reconciliation.recordRun(runRow('1'), [])],
  ['alerts.record', (tx) => tx.alerts.record(alertRow('1'))],
  ['limits', (tx) => tx.limits()],
  ['putLimits', (tx) => tx.putLimits(limitsRow())],
];

describe('statements of the prisma books', () => {
  let opened: TestDatabase;
  let books: Books;

  const statementsOf = async (write: Call): Promise<readonly string[]> => {
    const before = opened.statements.length;
    await books.transaction(ACCOUNT, write);
    return opened.statements.slice(before);
  };

  beforeEach(async () => {
    opened = await openTestDatabase();
    ({ books } = opened.database);
    await books.openAccount(newAccount());
    await books.transaction(ACCOUNT, (tx) => tx.orders.create(orderRow('a')));
  });
  afterEach(() => opened.close());

  it('an empty transaction → BEGIN, the lock row, COMMIT', async () => {
    const statements = await statementsOf(async () => undefined);
    expect(statements).toHaveLength(3);
    expect(statements[0]).toBe('BEGIN');
    expect(statements[1]).toMatch(/^UPDATE "accounts" SET "version"/);
    expect(statements[2]).toBe('COMMIT');
  });

  it('every repository call → one statement', async () => {
    const found: string[] = [];
    for (const [name, call] of CALLS) {
      found.push(`${name}: ${(await statementsOf(call)).length - 3}`);
    }
    expect(found).toEqual(CALLS.map(([name]) => `${name}: 1`));
  });

  it('totals and audit records, set many times → two statements at the end', async () => {
    const statements = await statementsOf(async (tx) => {
      tx.account.set({ cash: usd(1) });
      tx.audit(auditEntry('a'));
      tx.account.set({ cash: usd(2) });
      tx.audit(auditEntry('b'));
    });
    expect(statements).toHaveLength(5);
    expect(statements[2]).toMatch(/^UPDATE "accounts" SET "mode"/);
    expect(statements[3]).toMatch(/^\s*INSERT INTO "audit_records"/);
  });

  it('a run with two differences → one statement more', async () => {
    const differences = [discrepancyRow('1', 'SPY'), discrepancyRow('1', 'IBM')];
    const record: Call = (tx) => tx.reconciliation.recordRun(runRow('1'), differences);
    expect(await statementsOf(record)).toHaveLength(5);
  });
});
