import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/reconciliation/reconciliation.activities.js';
import type { SafetyActivities } from '../activities/safety/safety.activities.js';
import { type HaltRequest, readHaltRequest } from '../domain/safety/halt-request.js';
import { brokerQueue } from './contract/ids.js';
import {
  type HaltView,
  halt,
  haltEngaged,
  haltView,
  type KillSwitchInput,
  type ReleaseAnswer,
  type ReleaseRequest,
  release,
} from './contract/kill-switch.js';

// Engaging twice is engaging once, and it never gives up: the latch and the file are tried again
// with each attempt.
const safety = proxyActivities<SafetyActivities>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * How long until the broker is asked again while the cancel is not verified: quickly for as long as
 * a request can be under way, then ever more slowly, since an unknown order takes minutes and the
 * requests of a minute are few; quickly again after news. Verified, the watch goes on for as long
 * as the halt lasts.
 */
const VERIFY_PAUSES_MS = [...Array<number>(8).fill(1_000), 2_000, 3_000, 5_000];
const VERIFY_MS_MAX = 10_000;
const WATCH_MS = 30_000;
const REFRESH_MS = 600_000;

// Of runs that began before, when Ordinis told of its causes by `halt`: they replay as they were.
const OWN_CAUSE = 'own-cause';

/**
 * The account's kill switch, always there. A halt is engaged by whatever arrives; then the broker
 * is watched until nothing that can raise exposure is left, and on until a person releases it.
 */
export async function killSwitch(input: KillSwitchInput): Promise<void> {
  const arrived: HaltRequest[] = [...input.arrived];
  const engaged = new Set<string>();
  let view: HaltView = { mode: 'none', haltVersion: 0, causes: [] };
  let looks = 0;
  let unresolved = 0;
  const refresh = async (): Promise<void> => {
    view = await safety.readHalt();
    setCurrentDetails(describe(view));
  };
  setHandler(halt, (payload) => void arrived.push(asNewCause(readHaltRequest(payload))), {
    description: 'Halts trading. Any input, or none, will do.',
  });
  setHandler(haltEngaged, (payload) => void arrived.push(readHaltRequest(payload)), {
    description: 'Told by Ordinis: a cause that is engaged elsewhere.',
  });
  setHandler(haltView, () => view, { description: 'The open causes and how far their cancel is.' });
  setHandler(
    release,
    async (request: ReleaseRequest): Promise<ReleaseAnswer> => {
      const answer = await releaseAfterReconciliation(input.account, request);
      await refresh();
      return answer;
    },
    { description: 'Releases the halt: operator, reason, and the halt version that was seen.' },
  );
  await refresh();
  while (!workflowInfo().continueAsNewSuggested) {
    const pauseMs = pauseBefore(view, looks);
    const isNews = await condition(() => arrived.length > 0, pauseMs, {
      summary: 'wait for a halt',
    });
    while (arrived.length > 0) await engage(arrived, engaged);
    await refresh();
    if (view.mode === 'none') continue;
    const before = unresolved;
    unresolved = (await safety.verifyHalt()).unresolved.length;
    looks = isNews || unresolved < before ? 0 : looks + 1;
    await refresh();
  }
  // A release that is under way takes its time, and no halt waits for it.
  while (!allHandlersFinished()) {
    await condition(() => allHandlersFinished() || arrived.length > 0);
    while (arrived.length > 0) await engage(arrived, engaged);
  }
  // What came in the meantime goes on with the next run: no halt is lost between the two.
  await continueAsNew<typeof killSwitch>({ ...input, arrived });
}

/**
 * What a person sends is a cause of its own, also with the input of an earlier halt, copied: that
 * one may have been released.
 */
function asNewCause(request: HaltRequest): HaltRequest {
  const { causeId, ...metadata } = request.metadata;
  if (causeId === undefined || !patched(OWN_CAUSE)) return request;
  return { ...request, metadata: { ...metadata, copiedFrom: causeId } };
}

/**
 * The cause keeps its id for ever: one that was engaged elsewhere brings it along, and one that was
 * engaged here comes back from the outbox, told already.
 */
async function engage(arrived: HaltRequest[], engaged: Set<string>): Promise<void> {
  const request = arrived.shift();
  if (request === undefined) return;
  const known = request.metadata['causeId'];
  const causeId = typeof known === 'string' ? known : uuid4();
  if (engaged.has(causeId)) return;
  await safety.engageHalt(causeId, request);
  engaged.add(causeId);
}

async function releaseAfterReconciliation(
  account: string,
  request: ReleaseRequest,
): Promise<ReleaseAnswer> {
  // One clean comparison is asked for now, however long ago the last one was.
  const { reconcile } = proxyActivities<ReconciliationActivities>({
    taskQueue: brokerQueue(account),
    startToCloseTimeout: '60s',
    retry: { maximumAttempts: 3 },
  });
  const reconciliation = await reconcile({ account, trigger: 'release' });
  return safety.releaseHalt({ request, reconciliation });
}

/** Until the next look, after so many that found no news. */
function pauseBefore(view: HaltView, looks: number): number {
  if (view.mode === 'none') return REFRESH_MS;
  return isVerified(view) ? WATCH_MS : (VERIFY_PAUSES_MS[looks] ?? VERIFY_MS_MAX);
}

function isVerified(view: HaltView): boolean {
  return view.causes.every((cause) => cause.cancel !== 'not verified yet');
}

function describe(view: HaltView): string {
  if (view.mode === 'none') return 'Trading is **not halted**.';
  const lines = view.causes.map(
    (cause) =>
      `- **${cause.reason}** by ${cause.triggeredBy}: ${cause.message} (cancel: ${cause.cancel})`,
  );
  return [`Trading is **${view.mode}** (halt version ${view.haltVersion}).`, '', ...lines].join(
    '\n',
  );
}
