import type { HaltCauseRow } from '../../adapters/store/port.js';
import { IN_FLIGHT_STATES } from '../../domain/order/index.js';
import type { CancelPolicy } from '../../domain/safety/halt-request.js';
import type { OpenOrderAtBroker } from '../../domain/safety/exposure-raisers.js';
import { SEND_WINDOW_MS } from '../order/gate.js';
import type { World } from '../world.js';
import { cancelShown, targetsAtBroker } from './cancel-for-halt.js';
import { recordHaltCancels } from './record-halt-cancels.js';

export interface HaltVerification {
  readonly isComplete: boolean;
  /** What stands in the way, one line each. */
  readonly unresolved: readonly string[];
}

const LISTS_APART_MS = 1_000;

/**
 * Decides whether the halt is complete: no request can be under way any more, no order is in
 * flight, and two lists of the broker a second apart show nothing that is to go: what can raise
 * exposure, or, for `cancel-all`, anything. What still shows up is canceled again. Where the broker
 * could not be asked for all of it, a person is told in time, and the failure is thrown, so that
 * the look is repeated.
 */
export async function verifyHalt(world: World): Promise<HaltVerification> {
  const causes = (await world.reader.halts.openCauses()).filter((cause) => cause.mode === 'halted');
  if (causes.length === 0 && world.killFile.isEngaged()) {
    const why = `the file ${world.killFile.path} is there, and the books hold no cause of it yet`;
    return { isComplete: false, unresolved: [why] };
  }
  if (causes.length === 0) return { isComplete: true, unresolved: [] };
  const unresolved = [...underWay(world, causes), ...(await inFlight(world))];
  const look: Look = { policy: policyOf(causes), isProof: unresolved.length === 0 };
  const { shown, failure } = await cancelAgain(world, causes, look);
  unresolved.push(...shown.map(describe));
  if (failure !== null) unresolved.push(`the broker was not asked for all: ${failure.message}`);
  if (unresolved.length === 0) await markComplete(world, causes);
  else await tellIncomplete(world, causes, unresolved);
  if (failure !== null) throw failure;
  return { isComplete: unresolved.length === 0, unresolved };
}

/**
 * The strictest that is still to be done. What comes after everything was canceled is somebody
 * else's: an exit that a person has placed by then stays.
 */
function policyOf(causes: readonly HaltCauseRow[]): CancelPolicy {
  const wants = (policy: CancelPolicy): boolean =>
    causes.some((cause) => cause.cancelPolicy === policy);
  const isAllToGo = causes.some(
    (cause) => cause.cancelPolicy === 'cancel-all' && cause.completedAtWallMs === null,
  );
  if (isAllToGo) return 'cancel-all';
  return wants('cancel-all') || wants('keep-protection') ? 'keep-protection' : 'none';
}

function underWay(
  world: World,
  causes: readonly { readonly engagedAtWallMs: number }[],
): readonly string[] {
  // Until then a request can still be on its way out: send window and POST time-out.
  const latestAtMs = Math.max(...causes.map((cause) => cause.engagedAtWallMs));
  const safeAtMs = latestAtMs + SEND_WINDOW_MS + world.settings.submitTimeoutMs;
  const leftMs = safeAtMs - world.wallClock.nowMs();
  return leftMs > 0 ? [`a request may be under way for ${leftMs} ms more`] : [];
}

async function inFlight(world: World): Promise<readonly string[]> {
  const rows = await world.reader.orders.inStates([...IN_FLIGHT_STATES, 'pending_replace']);
  return rows.map(({ order }) => `order ${order.intent.clientOrderId} is ${order.progress.state}`);
}

interface Look {
  readonly policy: CancelPolicy;
  /** Nothing can come any more: a second list proves it. Else one, for what is to be canceled. */
  readonly isProof: boolean;
}

interface Seen {
  /** What was to go and was there. */
  readonly shown: readonly OpenOrderAtBroker[];
  readonly failure: Error | null;
}

async function cancelAgain(
  world: World,
  causes: readonly HaltCauseRow[],
  { policy, isProof }: Look,
): Promise<Seen> {
  if (policy === 'none') return { shown: [], failure: null };
  const { report, targets: first, failure } = await cancelShown(world, policy);
  const asked = report?.asked ?? [];
  const cause = causes.map(({ causeId }) => causeId).join(', ');
  const why = causes.map(({ reason, message }) => `halt ${reason}: ${message}`).join('; ');
  await recordHaltCancels(world, { asked, cause, why });
  const second = isProof && failure === null ? await targetsLater(world, policy) : [];
  const shown = new Map([...first, ...second].map((order) => [order.brokerOrderId, order]));
  return { shown: [...shown.values()], failure };
}

async function targetsLater(
  world: World,
  policy: CancelPolicy,
): ReturnType<typeof targetsAtBroker> {
  await world.wallClock.sleep(LISTS_APART_MS);
  return targetsAtBroker(world, policy);
}

function describe({ brokerOrderId, side, symbol }: OpenOrderAtBroker): string {
  return `order ${brokerOrderId} (${side} ${symbol}) was open at the broker`;
}

/** After how long a halt that is not complete is told to a person, once each. */
const ESCALATIONS_MS = [60_000, 5 * 60_000, 30 * 60_000, 4 * 3_600_000];

/**
 * Canceled is not flat: an order that nobody can prove, or that stays pending over night, keeps a
 * halt open for as long as it lasts. The watch goes on; a person is told what stands in the way.
 */
async function tellIncomplete(
  world: World,
  causes: readonly HaltCauseRow[],
  unresolved: readonly string[],
): Promise<void> {
  const nowAtMs = world.wallClock.nowMs();
  for (const { causeId, reason, engagedAtWallMs, completedAtWallMs } of causes) {
    const level = ESCALATIONS_MS.filter((afterMs) => nowAtMs - engagedAtWallMs >= afterMs).length;
    if (level === 0 || completedAtWallMs !== null) continue;
    const minutes = Math.round((nowAtMs - engagedAtWallMs) / 60_000);
    await world.books.transaction(world.account, async (transaction) => {
      await transaction.alerts.record({
        alertId: `halt-incomplete/${causeId}/${level}`,
        type: 'kill_switch',
        severity: 'critical',
        title: `Halted (${reason}), ${unresolved.length} unresolved after ${minutes} min`,
        message: unresolved.join('; '),
        metadata: JSON.stringify({ causeId, unresolved }),
        atMs: world.marketClock.nowMs(),
        recordedAtWallMs: nowAtMs,
        acknowledgedBy: null,
      });
    });
  }
}

/** Only what was verified: a cause engaged meanwhile waits for a verification of its own. */
async function markComplete(world: World, causes: readonly HaltCauseRow[]): Promise<void> {
  const pending = causes.filter((cause) => cause.completedAtWallMs === null);
  if (pending.length === 0) return;
  const verified = new Set(pending.map((cause) => cause.causeId));
  await world.books.transaction(world.account, async (transaction) => {
    for (const cause of await transaction.halts.openCauses()) {
      if (!verified.has(cause.causeId)) continue;
      const completedAtWallMs = world.wallClock.nowMs();
      await transaction.halts.update({ ...cause, completedAtWallMs });
      transaction.audit({
        actor: 'ordinis',
        kind: 'halt_complete',
        entity: cause.causeId,
        body: JSON.stringify({ reason: cause.reason }),
        atWallMs: completedAtWallMs,
      });
    }
  });
}
