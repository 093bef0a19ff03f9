import { createHash } from 'node:crypto';
import { isBrokerFailure } from '../../adapters/broker/errors.js';
import type { DiscrepancyRow, ReconciliationRunRow } from '../../adapters/store/port.js';
import { isMoneyOf, totalsOf } from '../../domain/order/index.js';
import { confirmedDiscrepancies, type Discrepancy } from '../../domain/reconciliation/index.js';
import { haltModeOf } from '../../domain/safety/halt-request.js';
import { epochMs } from '../../domain/values/index.js';
import type {
  ReconciliationInput,
  ReconciliationResult,
} from '../../workflows/contract/lifecycle.js';
import { ensureDrivers } from '../lifecycle/ensure-driver.js';
import { engageCommitted } from '../safety/engage-committed.js';
import { writeCause } from '../safety/engage-halt.js';
import { watchProtection } from '../safety/watch-protection.js';
import type { World } from '../world.js';
import { type Comparison, compareWithBroker } from './compare-with-broker.js';
import { checkSilence, isBefore } from './check-silence.js';
import { importCash } from './import-cash.js';
import { repairAll } from './repair-all.js';
import { repairShown } from './repair-shown.js';

const CALM_TRIES = 5;
const CALM_PAUSE_MS = 200;
const OUTBOX_LOOK_MAX = 500;

/** What every reconciliation does: drivers for what has none, then the comparison. */
export async function reconcile(
  world: World,
  input: ReconciliationInput,
): Promise<ReconciliationResult> {
  await ensureDrivers(world);
  return reconcileBooks(world, input);
}

/**
 * Compares our books with the broker's and records the run. What the stream was silent about is
 * repaired first; what differs then is repaired by the broker's own executions; what is left must
 * be found a second time before it counts; a critical one halts in the same transaction, and the
 * halt is engaged as soon as that has committed.
 */
export async function reconcileBooks(
  world: World,
  input: ReconciliationInput,
): Promise<ReconciliationResult> {
  const startedAtWallMs = world.wallClock.nowMs();
  const begun = { input, startedAtWallMs, asked: await askedVersion(world) };
  await checkSilence(world);
  const first = await calmComparison(world);
  if (first.discrepancies.length === 0) {
    const result = await record(world, { ...begun, comparison: first, found: [] });
    await watchProtectionOf(world, first);
    return result;
  }
  await repairAll(world);
  await repairOrdersOf(world, first.discrepancies);
  if (first.discrepancies.some(({ kind }) => kind === 'cash_mismatch')) {
    await repairMoney(world);
    await importIfTold(world);
  }
  const second = await calmComparison(world);
  await world.wallClock.sleep(world.settings.confirmAfterMs);
  const third = await calmComparison(world);
  const found = confirmedDiscrepancies(second.discrepancies, third.discrepancies);
  const result = await record(world, { ...begun, comparison: third, found });
  await watchProtectionOf(world, third);
  return result;
}

/** What the broker does not tell now stays a difference: it must not hide what else is found. */
async function importIfTold(world: World): Promise<void> {
  try {
    await importCash(world);
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    world.log.warn({ error: error.message }, 'what moved cash without a fill was not read');
  }
}

/** Of the symbols whose orders and positions are known to be as the books have them. */
async function watchProtectionOf(world: World, comparison: Comparison): Promise<void> {
  const doubtful = new Set(
    [...comparison.leftOut, ...comparison.discrepancies].map(({ subject }) => subject),
  );
  await watchProtection(world, (symbol) => doubtful.has(symbol));
}

/** A trade of an order that ended long ago can be taken back: its orders are read one by one. */
const ORDERS_READ_MAX = 20;

async function repairOrdersOf(world: World, found: readonly Discrepancy[]): Promise<void> {
  for (const { subject } of found.filter(isOfPosition)) {
    const fills = await world.reader.fills.ofSymbol(subject);
    const ids = [...new Set(fills.toReversed().map((fill) => fill.brokerOrderId))];
    for (const brokerOrderId of ids.slice(0, ORDERS_READ_MAX)) {
      const shown = await world.broker.orderById(brokerOrderId);
      if (shown !== null) await repairShown(world, shown);
    }
  }
}

/** A trade gets another price within the days of its settlement. */
const CORRECTED_WITHIN_MS = 3 * 24 * 3_600_000;

/**
 * Cash alone may show that a trade has got another price, since its order has another average; or
 * that an order came and went which nobody has told and whose turn to be entered has passed.
 */
async function repairMoney(world: World): Promise<void> {
  const account = await world.reader.account();
  const sinceMs = epochMs(Math.max(0, world.marketClock.nowMs() - CORRECTED_WITHIN_MS));
  for (const shown of await world.broker.ordersSubmittedSince(sinceMs)) {
    const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
    const totals = totalsOf(shown.filledQuantity, shown.filledAveragePrice);
    const isKnown = row !== null && isMoneyOf(row.order.filledNotional, totals);
    if (isKnown || (row === null && isBefore(shown, account?.createdAtMs ?? 0))) continue;
    await repairShown(world, shown);
  }
}

/**
 * The version of the outbox's request that this run answers, whoever started it. Null: nobody
 * asked.
 */
async function askedVersion(world: World): Promise<number | null> {
  const rows = await world.reader.outbox.undelivered(OUTBOX_LOOK_MAX);
  return rows.find((row) => row.kind === 'reconcile')?.version ?? null;
}

/** Looks again while something moves; an order that nobody can prove is not waited for. */
async function calmComparison(world: World): Promise<Comparison> {
  let comparison = await compareWithBroker(world);
  for (let tries = 1; hasMoved(comparison) && tries < CALM_TRIES; tries += 1) {
    await world.wallClock.sleep(CALM_PAUSE_MS);
    comparison = await compareWithBroker(world);
  }
  return comparison;
}

function hasMoved({ leftOut }: Comparison): boolean {
  return leftOut.some(({ because }) => because === 'moved');
}

interface Run {
  readonly input: ReconciliationInput;
  readonly startedAtWallMs: ReconciliationRunRow['startedAtWallMs'];
  readonly asked: number | null;
  readonly comparison: Comparison;
  readonly found: readonly Discrepancy[];
}

async function record(world: World, run: Run): Promise<ReconciliationResult> {
  const { comparison, found, input } = run;
  const once = comparison.discrepancies.filter((one) => !found.includes(one));
  const isClean = comparison.leftOut.length + once.length === 0;
  const outcome = found.length > 0 ? 'discrepancies' : isClean ? 'clean' : 'not_calm';
  const runId = idOf(world, run);
  const message = messageOf(comparison, found, once);
  const row: ReconciliationRunRow = {
    runId,
    trigger: input.trigger,
    outcome,
    localPositions: comparison.localPositions,
    brokerPositions: comparison.brokerPositions,
    corrections: 0,
    message,
    startedAtWallMs: run.startedAtWallMs,
    finishedAtWallMs: world.wallClock.nowMs(),
  };
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.reconciliation.recordRun(
      row,
      found.map((one) => rowOf(runId, one)),
    );
    if (found.length > 0) await actOn(transaction, world, { runId, found, message });
    await liftParks(transaction, world, { runId, comparison, found });
    if (run.asked !== null && !hasMoved(comparison)) {
      await transaction.outbox.markDelivered('reconcile', world.account, run.asked);
    }
  });
  if (found.some(isCritical)) await engageCommitted(world, causeIdOf(runId));
  return { runId, outcome, discrepancies: found.length, message };
}

function idOf(world: World, run: Run): string {
  const facts = JSON.stringify([
    world.account,
    world.bootEpoch,
    run.startedAtWallMs,
    run.input.trigger,
  ]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 32);
}

function messageOf(
  { leftOut }: Comparison,
  found: readonly Discrepancy[],
  once: readonly Discrepancy[],
): string {
  const differences = found.map(
    (one) => `${one.kind} ${one.subject}: ${one.local} here, ${one.broker} there`,
  );
  const unjudged = leftOut.map(({ subject, why }) => `${subject} not comparable: ${why}`);
  const unconfirmed = once.map(
    ({ kind, subject }) => `${kind} ${subject}: seen once, not confirmed`,
  );
  const lines = [...differences, ...unjudged, ...(found.length > 0 ? [] : unconfirmed)];
  return lines.length === 0 ? 'books and broker agree' : lines.join('; ');
}

function rowOf(
  runId: string,
  { kind, subject, severity, local, broker }: Discrepancy,
): DiscrepancyRow {
  const action =
    severity === 'critical' ? 'halt_trading' : severity === 'medium' ? 'alert_only' : 'log';
  return { runId, kind, subject, severity, local, broker, action };
}

type Transaction = Parameters<Parameters<World['books']['transaction']>[1]>[0];

/** Critical halts; a quantity difference of any size parks its symbol; the rest is told. */
async function actOn(
  transaction: Transaction,
  world: World,
  acted: {
    readonly runId: string;
    readonly found: readonly Discrepancy[];
    readonly message: string;
  },
): Promise<void> {
  const { runId, found, message } = acted;
  for (const { kind, subject } of found.filter(isOfPosition)) {
    const instrument = await transaction.instruments.bySymbol(subject);
    // A park for another reason is not this one's to replace: it would be lifted with it.
    if (instrument === null || !isParkOfReconciliation(instrument.parkedReason ?? PARK)) continue;
    const parkedReason = `${PARK}${runId}: ${kind}`;
    await transaction.instruments.upsert({ ...instrument, parkedReason });
  }
  const halts = found.some(isCritical);
  await transaction.alerts.record({
    alertId: `reconciliation/${runId}`,
    type: 'position_reconciliation',
    severity: halts ? 'critical' : 'warning',
    title: 'Books and broker differ',
    message,
    metadata: JSON.stringify({ runId }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
  if (!halts) return;
  const request = {
    reason: 'reconciliation',
    message,
    triggeredBy: 'ordinis',
    metadata: { runId },
    cancel: 'keep-protection',
  } as const;
  const mode = haltModeOf(request.reason);
  await writeCause(transaction, world, { causeId: causeIdOf(runId), request, mode });
}

function isCritical({ severity }: Discrepancy): boolean {
  return severity === 'critical';
}

function causeIdOf(runId: string): string {
  return `reconciliation-${runId}`;
}

/** How the reason begins when a comparison has parked a symbol. */
const PARK = 'reconciliation ';

function isParkOfReconciliation(reason: string): boolean {
  return reason.startsWith(PARK);
}

function isOfPosition({ kind }: Discrepancy): boolean {
  return (
    kind === 'quantity_mismatch' ||
    kind === 'side_mismatch' ||
    kind === 'missing_local' ||
    kind === 'missing_broker'
  );
}

/**
 * A symbol that only a comparison has parked is free again when a later one finds it equal. What an
 * order was parked for is for a person to lift.
 */
async function liftParks(
  transaction: Transaction,
  world: World,
  run: {
    readonly runId: string;
    readonly comparison: Comparison;
    readonly found: readonly Discrepancy[];
  },
): Promise<void> {
  const { runId, comparison, found } = run;
  const judged = [...comparison.discrepancies, ...comparison.leftOut, ...found];
  const doubtful = new Set(judged.map(({ subject }) => subject));
  for (const instrument of await transaction.instruments.all()) {
    const { symbol, parkedReason } = instrument;
    if (parkedReason === null || !isParkOfReconciliation(parkedReason)) continue;
    if (doubtful.has(symbol)) continue;
    await transaction.instruments.upsert({ ...instrument, parkedReason: null });
    transaction.audit({
      actor: 'ordinis',
      kind: 'symbol_unparked',
      entity: symbol,
      body: JSON.stringify({ reason: `reconciliation ${runId} found it equal`, was: parkedReason }),
      atWallMs: world.wallClock.nowMs(),
    });
  }
}
