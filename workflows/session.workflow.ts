import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { LifecycleActivities } from '../activities/lifecycle/lifecycle.activities.js';
import type { ReconciliationActivities } from '../activities/reconciliation/reconciliation.activities.js';
import type { SessionActivities } from '../activities/session/session.activities.js';
import { brokerQueue } from './contract/ids.js';
import {
  type SessionInput,
  type SessionResult,
  sessionProgress,
  stopSession,
} from './contract/lifecycle.js';

/**
 * One market day: backup, comparison, bars from open to close, the end of the day, comparison,
 * summary. A stop is heard in every stage of it: a step that is tried again and again must not keep
 * a shutdown from beginning.
 */
export async function session(input: SessionInput): Promise<SessionResult> {
  const day = new CancellationScope();
  let isStopRequested = false;
  setHandler(stopSession, () => {
    isStopRequested = true;
    day.cancel();
  });
  try {
    return await day.run(() => trade(input));
  } catch (error) {
    if (!isCancellation(error) || !isStopRequested) throw error;
    return { outcome: 'interrupted', summary: null };
  }
}

const STEP = {
  startToCloseTimeout: '60s',
  // What a stop finds under way may come to its end by itself: nobody waits for it.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;
const PAUSES = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' } as const;

async function trade(input: SessionInput): Promise<SessionResult> {
  const taskQueue = brokerQueue(input.account);
  // Short steps; each may be repeated without harm.
  const step = proxyActivities<SessionActivities & ReconciliationActivities>({
    ...STEP,
    taskQueue,
    retry: PAUSES,
  });
  const enter = createStages(input);
  enter('backup');
  await backUpOrTell(input);
  await step.reconcile({ account: input.account, trigger: 'before the open' });
  enter(await step.openTradingDay(input));
  const end = await feedUntilCloseOrStop(input);
  if (end === 'interrupted') return { outcome: 'interrupted', summary: null };
  enter('after the close');
  const left = await step.closeDayOrders();
  await step.reconcile({ account: input.account, trigger: 'after the close' });
  const summary = await step.summarizeDay(input);
  enter(left.length === 0 ? 'summarized' : `summarized; still open: ${left.join(', ')}`);
  return { outcome: 'traded', summary };
}

function createStages(input: SessionInput): (stage: string) => void {
  let current = 'starting';
  setHandler(sessionProgress, () => current);
  return (stage) => {
    current = stage;
    setCurrentDetails(`**${input.marketDate}** ${input.symbols.join(', ')}: ${stage}`);
  };
}

const BACKUP_TRIES = 5;

/** A day is worth more than its backup: without one it is traded, and a person is told. */
async function backUpOrTell({ account, marketDate }: SessionInput): Promise<void> {
  const options = { ...STEP, taskQueue: brokerQueue(account) };
  // Tried for some seconds: a folder that cannot be written does not mend by itself.
  const { backUpBooks } = proxyActivities<SessionActivities>({
    ...options,
    retry: { ...PAUSES, maximumAttempts: BACKUP_TRIES },
  });
  // The alert has a natural key.
  const { tellMissingBackup } = proxyActivities<LifecycleActivities>({ ...options, retry: PAUSES });
  try {
    await backUpBooks();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    await tellMissingBackup({ marketDate, why: rootCause(error) ?? error.message });
  }
}

function feedUntilCloseOrStop(input: SessionInput): Promise<'closed' | 'interrupted'> {
  // One attempt lasts a day. The next one after a crash decides nothing twice, since decisions are
  // keyed by bar.
  const { feedStrategies } = proxyActivities<SessionActivities>({
    taskQueue: brokerQueue(input.account),
    startToCloseTimeout: '36 hours',
    heartbeatTimeout: '10s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s' },
    summary: `bars of ${input.marketDate}`,
  });
  return feedStrategies(input);
}
