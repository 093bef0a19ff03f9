import { type Mutant, mutantsOf } from '../mutant.js';

const LIFECYCLE = 'test/unit/activities/lifecycle.test.ts';
const LAST_WORD = 'test/unit/workers/last-word.test.ts';
const STAGES = 'test/workflows/session-stages.test.ts';
const FEED = 'test/unit/activities/feed-day.test.ts';

/** Defects of starts, sessions and stops: what a dead process has left, and what ends a run. */
export const LIFECYCLE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/lifecycle/lifecycle.activities.ts', killers: [LIFECYCLE] }, [
    {
      id: 'dead-shutdown-cancels',
      defect: 'the shutdown of a dead process cancels the orders of the next one',
      breaks: ['I13', 'F11'],
      find: 'return isSuperseded ? [] : settleOrders(world, input);',
      replace: 'return settleOrders(world, input);',
    },
  ]),
  ...mutantsOf({ file: 'activities/lifecycle/startup-steps.ts', killers: [LIFECYCLE] }, [
    {
      id: 'queued-order-is-stale',
      defect: 'a restart on Sunday cancels what was ordered for Monday',
      breaks: ['I14', 'F11'],
      find: 'nowAtMs >= dayEndOf(order)',
      replace: 'nowAtMs - order.intent.decidedAtMs > 24 * 3_600_000',
    },
    {
      id: 'start-takes-protection-away',
      defect: 'a start cancels the stop of a position, and it counts as asked for',
      breaks: ['I9', 'F11'],
      find: "order.intent.purpose !== 'exit' &&",
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/session/feed-day.ts', killers: [FEED] }, [
    {
      id: 'decides-before-the-start',
      defect: 'a session that a dead process left decides on books that are not repaired',
      breaks: ['I8', 'F11'],
      find: 'await expectUp(world);',
      replace: '',
    },
    {
      id: 'replaced-feed-ends-the-day',
      defect: 'an attempt that another one replaced ends its session as if it had been stopped',
      breaks: ['I14', 'F11'],
      find: "if (end === 'interrupted' && !canceled.aborted) replaced.throwIfAborted();",
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/lifecycle/shutdown-steps.ts', killers: [LIFECYCLE] }, [
    {
      id: 'last-word-taken-back',
      defect: 'a step that comes late takes the last word of a shutdown back',
      breaks: ['I14', 'F11'],
      find: 'if ((await lastWordOf(transaction, world)) !== null) return;',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'workers/stop.ts', killers: [LAST_WORD] }, [
    {
      id: 'shutdown-waits-too-long',
      defect: 'a shutdown waits for orders until it is closed, and never says what it leaves',
      breaks: ['I14', 'F11'],
      find: '+ allowedMs - TIME_LEFT_MS',
      replace: '+ allowedMs',
    },
  ]),
  ...mutantsOf({ file: 'workers/stop.ts', killers: ['test/unit/workers/stop.test.ts'] }, [
    {
      id: 'end-in-foreign-books',
      defect: 'a shutdown writes its end into books that another process has by then',
      breaks: ['I13', 'F11'],
      find: "if (!world.isLeaseHeld()) throw new Error('another process has the lock by now');",
      replace: '',
    },
    {
      id: 'failed-shutdown-untold',
      defect: 'a shutdown that fails is told to nobody, and nothing is closed',
      breaks: ['I14', 'F11'],
      find: "return { kind: 'failed', why: reasonOf(error) };",
      replace: 'throw error;',
    },
  ]),
  ...mutantsOf({ file: 'cli/stop-command.ts', killers: ['test/cli/upkeep-commands.test.ts'] }, [
    {
      id: 'stop-hides-what-is-left',
      defect: 'a stop that leaves a position without its protection ends as if all were well',
      breaks: ['I14', 'F11'],
      find: "return system?.state === 'stopped' ? EXIT.fine",
      replace: "return system?.state.startsWith('stopped') === true ? EXIT.fine",
    },
  ]),
  ...mutantsOf({ file: 'workflows/session.workflow.ts', killers: [STAGES] }, [
    {
      id: 'backup-holds-the-day-up',
      defect: 'a backup that cannot be made is tried for ever, and the day is not traded',
      breaks: ['I14'],
      find: 'retry: { ...PAUSES, maximumAttempts: BACKUP_TRIES },',
      replace: 'retry: PAUSES,',
    },
    {
      id: 'missing-backup-untold',
      defect: 'a day is traded without its backup, and nobody is told',
      breaks: ['I14'],
      find: 'await tellMissingBackup({ marketDate, why: rootCause(error) ?? error.message });',
      replace: '',
    },
    {
      id: 'stop-waits-for-a-step',
      defect: 'a step that hangs keeps a stop from being heard, and the shutdown from beginning',
      breaks: ['I14', 'F11'],
      find: 'ActivityCancellationType.TRY_CANCEL',
      replace: 'ActivityCancellationType.WAIT_CANCELLATION_COMPLETED',
    },
  ]),
];
