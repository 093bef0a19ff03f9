import type { BooksTransaction, HaltCauseRow } from '../../adapters/store/port.js';
import { brokerOrderIdOf, WORKING_STATES } from '../../domain/order/index.js';
import { type HaltRequest, haltModeOf, strictestMode } from '../../domain/safety/halt-request.js';
import type { World } from '../world.js';
import { type CancelAttempt, type CancelReport, cancelForHalt } from './cancel-for-halt.js';
import { askedInBulk, recordHaltCancels } from './record-halt-cancels.js';

/**
 * What the halt reaches of the outside. The command line builds one without Temporal and without
 * the lock.
 */
export type HaltWorld = Pick<
  World,
  'account' | 'broker' | 'killFile' | 'haltLatch' | 'wallClock' | 'marketClock' | 'log'
> & { readonly books: Pick<World['books'], 'transaction'> };

/** How each of the independent parts of a halt went: `done`, or what failed. */
export interface HaltReport {
  readonly causeId: string;
  readonly file: string;
  readonly books: string;
  readonly cancel: string;
  /** Null: the broker was not reached. */
  readonly canceled: CancelReport | null;
}

const BOOKS_TRIES = 3;
const NOT_ASKED: CancelAttempt = { report: null, targets: [], failure: null };

/**
 * Engages a halt: in-process latch, file, broker cancel, row with audit and alert: at once and each
 * on its own, so that none waits for another or fails with it. A cause engaged twice is one cause.
 */
export async function engageHalt(
  world: HaltWorld,
  causeId: string,
  request: HaltRequest,
): Promise<HaltReport> {
  const mode = haltModeOf(request.reason);
  if (mode === 'halted') world.haltLatch.engage(causeId);
  const file = mode === 'halted' ? engageFile(world, causeId, request) : 'done';
  const [books, canceled] = await Promise.allSettled([
    recordCause(world, { causeId, request, mode }),
    mode === 'halted' ? cancelForHalt(world, request.cancel) : NOT_ASKED,
  ]);
  const attempt = canceled.status === 'fulfilled' ? canceled.value : NOT_ASKED;
  const failure = canceled.status === 'fulfilled' ? attempt.failure : canceled.reason;
  const held = books.status === 'fulfilled' ? books.value : [];
  const asked = attempt.report === null ? [] : askedInBulk(attempt.report, held);
  const why = `halt ${request.reason}: ${request.message}`;
  const cancels = { asked, cause: causeId, why };
  const [history] = await Promise.allSettled([recordHaltCancels(world, cancels)]);
  const unwritten = [books, history].find((part) => part.status === 'rejected');
  const report: HaltReport = {
    causeId,
    file,
    books: unwritten === undefined ? 'done' : describe(unwritten.reason),
    cancel: failure === null ? 'done' : describe(failure),
    canceled: attempt.report,
  };
  world.log.error({ ...report, reason: request.reason }, `halt engaged: ${request.message}`);
  return report;
}

function engageFile(world: HaltWorld, causeId: string, request: HaltRequest): string {
  // A halt by file has its file already, and it is not ours to write into.
  if (request.reason === 'file') return 'done';
  try {
    world.killFile.engage({ causeId, message: JSON.stringify(request) });
    return 'done';
  } catch (error) {
    return describe(error); // A full disk must not stop the cancel; the report names it.
  }
}

interface NewCause {
  readonly causeId: string;
  readonly request: HaltRequest;
  readonly mode: 'reduce_only' | 'halted';
}

/**
 * Returns the broker's ids of our orders that work at this moment: what a request that cancels
 * everything, and that names no order, has meant of ours.
 */
async function recordCause(world: HaltWorld, cause: NewCause): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await world.books.transaction(world.account, async (transaction) => {
        await writeCause(transaction, world, cause);
        return cause.request.cancel === 'cancel-all' ? workingIds(transaction) : [];
      });
    } catch (error) {
      if (tries >= BOOKS_TRIES) throw error;
    }
  }
}

async function workingIds({ orders }: BooksTransaction): Promise<readonly string[]> {
  const rows = await orders.inStates(WORKING_STATES);
  return rows.map(({ order }) => brokerOrderIdOf(order)).filter((id) => id !== null);
}

/**
 * Writes a cause with everything that must be true once it is committed. A known cause changes
 * nothing.
 */
export async function writeCause(
  transaction: BooksTransaction,
  world: Pick<World, 'account' | 'wallClock' | 'marketClock'>,
  { causeId, request, mode }: NewCause,
): Promise<void> {
  const row: HaltCauseRow = {
    causeId,
    reason: request.reason,
    mode,
    message: request.message,
    triggeredBy: request.triggeredBy,
    metadata: JSON.stringify(request.metadata),
    cancelPolicy: request.cancel,
    engagedAtWallMs: world.wallClock.nowMs(),
    completedAtWallMs: null,
    releasedAtWallMs: null,
    releasedBy: null,
    releaseReason: null,
  };
  if ((await transaction.halts.engage(row)) === 'repeated') return;
  const causes = await transaction.halts.openCauses();
  const { haltVersion } = transaction.account.get();
  transaction.account.set({ haltMode: strictestMode(causes), haltVersion: haltVersion + 1 });
  await showHalted(transaction, row);
  await transaction.outbox.post({
    kind: 'signal_halt',
    target: world.account,
    payload: JSON.stringify({ ...request, metadata: { ...request.metadata, causeId } }),
  });
  await transaction.alerts.record({
    alertId: `halt/${causeId}`,
    type: 'kill_switch',
    severity: 'emergency',
    title: `Trading ${mode === 'halted' ? 'halted' : 'reduced to exits'}: ${request.reason}`,
    message: request.message,
    metadata: row.metadata,
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: row.engagedAtWallMs,
    acknowledgedBy: null,
  });
  transaction.audit({
    actor: request.triggeredBy,
    kind: 'halt_engaged',
    entity: causeId,
    body: JSON.stringify({ reason: request.reason, message: request.message, mode }),
    atWallMs: row.engagedAtWallMs,
  });
}

/** A running system that is halted says so. */
async function showHalted(transaction: BooksTransaction, cause: HaltCauseRow): Promise<void> {
  const system = await transaction.systemState.get();
  if (system?.state !== 'running' || cause.mode !== 'halted') return;
  const message = `halted (${cause.reason}): no new orders until released`;
  const updatedAtWallMs = cause.engagedAtWallMs;
  await transaction.systemState.set({ ...system, state: 'halted', message, updatedAtWallMs });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
