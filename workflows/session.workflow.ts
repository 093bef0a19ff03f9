import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
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
 * summary.
 */
export async function session(input: SessionInput): Promise<SessionResult> {
  const taskQueue = brokerQueue(input.account);
  // Short steps; each may be repeated without harm.
  const step = proxyActivities<SessionActivities & ReconciliationActivities>({
    taskQueue,
    startToCloseTimeout: '60s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  });
  const stages = createStages(input);
  stages.enter('backup');
  await step.backUpBooks();
  await step.reconcile({ account: input.account, trigger: 'before the open' });
  stages.enter(await step.openTradingDay(input));
  const end = await feedUntilCloseOrStop(input, stages);
  if (end === 'interrupted') return { outcome: 'interrupted', summary: null };
  stages.enter('after the close');
  const left = await step.closeDayOrders();
  await step.reconcile({ account: input.account, trigger: 'after the close' });
  const summary = await step.summarizeDay(input);
  stages.enter(left.length === 0 ? 'summarized' : `summarized; still open: ${left.join(', ')}`);
  return { outcome: 'traded', summary };
}

interface Stages {
  enter(stage: string): void;
  readonly stopRequested: () => boolean;
}

function createStages(input: SessionInput): Stages {
  let current = 'starting';
  let isStopRequested = false;
  setHandler(sessionProgress, () => current);
  setHandler(stopSession, () => {
    isStopRequested = true;
  });
  return {
    stopRequested: () => isStopRequested,
    enter: (stage) => {
      current = stage;
      setCurrentDetails(`**${input.marketDate}** ${input.symbols.join(', ')}: ${stage}`);
    },
  };
}

async function feedUntilCloseOrStop(
  input: SessionInput,
  stages: Stages,
): Promise<'closed' | 'interrupted'> {
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
  const scope = new CancellationScope();
  const feeding = scope.run(() => feedStrategies(input));
  const stopping = condition(stages.stopRequested).then(() => scope.cancel());
  try {
    return await feeding;
  } catch (error) {
    if (!isCancellation(error) || !stages.stopRequested()) throw error;
    await stopping;
    return 'interrupted';
  }
}
