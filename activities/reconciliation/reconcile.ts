import { createHash } from 'node:crypto';
import type { DiscrepancyRow, ReconciliationRunRow } from '../../adapters/store/port.js';
import { confirmedDiscrepancies, type Discrepancy } from '../../domain/reconciliation/index.js';
import { haltModeOf } from '../../domain/safety/halt-request.js';
import type {
  ReconciliationInput,
  ReconciliationResult,
} from '../../workflows/contract/lifecycle.js';
import { writeCause } from '../safety/engage-halt.js';
import type { World } from '../world.js';
import { type Comparison, compareWithBroker } from './compare-with-broker.js';
import { repairAll } from './repair-all.js';

const CALM_TRIES = 5;
const CALM_PAUSE_MS = 200;
const OUTBOX_LOOK_MAX = 500;

/**
 * Compares our books with the broker's and records the run. What differs is repaired by the
 * broker's own executions first; what is left must be found a second time before it counts; a
 * critical one halts in the same transaction.
 */
export async function reconcile(
  world: World,
  input: ReconciliationInput,
): Promise<ReconciliationResult> {
  const startedAtWallMs = world.wallClock.nowMs();
  const begun = { input, startedAtWallMs, asked: await askedVersion(world) };
  const first = await calmComparison(world);
  if (!first.isCalm || first.discrepancies.length === 0) {
    return record(world, { ...begun, comparison: first, found: [] });
  }
  await repairAll(world);
  const second = await calmComparison(world);
  if (!second.isCalm) return record(world, { ...begun, comparison: second, found: [] });
  await world.wallClock.sleep(world.settings.confirmAfterMs);
  const third = await calmComparison(world);
  const found = third.isCalm
    ? confirmedDiscrepancies(second.discrepancies, third.discrepancies)
    : [];
  return record(world, { ...begun, comparison: third, found });
}

/**
 * The version of the outbox's request that this run answers, whoever started it. Null: nobody
 * asked.
 */
async function askedVersion(world: World): Promise<number | null> {
  const rows = await world.reader.outbox.undelivered(OUTBOX_LOOK_MAX);
  return rows.find((row) => row.kind === 'reconcile')?.version ?? null;
}

async function calmComparison(world: World): Promise<Comparison> {
  let comparison = await compareWithBroker(world);
  for (let tries = 1; !comparison.isCalm && tries < CALM_TRIES; tries += 1) {
    await world.wallClock.sleep(CALM_PAUSE_MS);
    comparison = await compareWithBroker(world);
  }
  return comparison;
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
  const outcome = !comparison.isCalm ? 'not_calm' : found.length === 0 ? 'clean' : 'discrepancies';
  const runId = idOf(world, run);
  const message = messageOf(comparison, found);
  const row: ReconciliationRunRow = {
    runId,
    trigger: input.trigger,
    outcome,
    localPositions: comparison.isCalm ? comparison.localPositions : 0,
    brokerPositions: comparison.isCalm ? comparison.brokerPositions : 0,
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
    if (found.length > 0) await actOn(transaction, world, { runId, found });
    if (run.asked !== null && comparison.isCalm) {
      await transaction.outbox.markDelivered('reconcile', world.account, run.asked);
    }
  });
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

function messageOf(comparison: Comparison, found: readonly Discrepancy[]): string {
  if (!comparison.isCalm) return `not comparable: ${comparison.why}`;
  if (found.length === 0) return 'books and broker agree';
  return found
    .map((one) => `${one.kind} ${one.subject}: ${one.local} here, ${one.broker} there`)
    .join('; ');
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
  { runId, found }: { readonly runId: string; readonly found: readonly Discrepancy[] },
): Promise<void> {
  const message = messageOf(
    { isCalm: true, discrepancies: found, localPositions: 0, brokerPositions: 0 },
    found,
  );
  for (const { kind, subject } of found) {
    if (!kind.startsWith('quantity') && !kind.startsWith('side') && !kind.startsWith('missing'))
      continue;
    const instrument = await transaction.instruments.bySymbol(subject);
    const parkedReason = `reconciliation ${runId}: ${kind}`;
    if (instrument !== null) await transaction.instruments.upsert({ ...instrument, parkedReason });
  }
  const isCritical = found.some((one) => one.severity === 'critical');
  await transaction.alerts.record({
    alertId: `reconciliation/${runId}`,
    type: 'position_reconciliation',
    severity: isCritical ? 'critical' : 'warning',
    title: 'Books and broker differ',
    message,
    metadata: JSON.stringify({ runId }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
  if (!isCritical) return;
  const request = {
    reason: 'reconciliation',
    message,
    triggeredBy: 'ordinis',
    metadata: { runId },
    cancel: 'keep-protection',
  } as const;
  const mode = haltModeOf(request.reason);
  await writeCause(transaction, world, { causeId: `reconciliation-${runId}`, request, mode });
}
