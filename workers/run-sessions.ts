import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { isBrokerFailure } from '../adapters/broker/errors.js';
import type { World } from '../activities/world.js';
import { brokerQueue, sessionWorkflowId } from '../workflows/contract/index.js';
import {
  SESSION_WORKFLOW,
  type SessionInput,
  type SessionResult,
  type SessionSummary,
  stopSession,
} from '../workflows/contract/lifecycle.js';
import { reasonOf } from './failure-reason.js';
import type { StartOptions } from './start-options.js';

export interface Sessions {
  /** The first session's summary; null when it was interrupted or has failed. */
  readonly first: Promise<SessionSummary | null>;
  /** Whether the market has nothing more to trade: a recorded day is over. */
  readonly isOver: () => boolean;
  /** Stops the session that runs, at its next step, and starts no other. */
  stop(): Promise<void>;
}

interface SessionDeps {
  readonly client: Client;
  readonly world: World;
  readonly options: StartOptions;
  readonly dataFeed: string;
}

/**
 * Trades market day after market day, each in a session workflow of its own; one only with `once`.
 * A session that failed is told as CRITICAL, and the next day has its own: but at our own exchange,
 * whose time stands until the day is gone on with, which a start does.
 */
export function runSessions(deps: SessionDeps): Sessions {
  const { world, options } = deps;
  const stopping = new AbortController();
  let current: string | null = null;
  let isOver = false;
  let tell: (summary: SessionSummary | null) => void = () => undefined;
  const first = new Promise<SessionSummary | null>((resolve) => {
    tell = resolve;
  });
  const trade = async (): Promise<void> => {
    for (let isFirst = true; !stopping.signal.aborted; isFirst = false) {
      const date = await nextMarketDate(world, isFirst, stopping.signal);
      if (date === null) {
        isOver = true;
        return;
      }
      current = date;
      const result = await tradeDay(deps, date, stopping.signal);
      current = null;
      if (result.summary !== null)
        options.onEvent({ kind: 'session_ended', summary: result.summary });
      tell(result.summary);
      const isEnd = result.outcome === 'failed' && world.mode === 'simulated';
      if (options.once || isEnd || result.outcome === 'interrupted') {
        isOver = result.outcome === 'traded';
        return;
      }
    }
  };
  const running = trade().catch(async (error: unknown) => {
    if (stopping.signal.aborted) return;
    const message = `${reasonOf(error)}; no later session is traded: start again`;
    await tellFailure(deps, { id: 'sessions-ended', title: 'The sessions have ended', message });
  });
  void running.then(() => tell(null));
  return {
    first,
    isOver: () => isOver,
    stop: async () => {
      stopping.abort(new Error('shutting down'));
      if (current !== null) await tellToStop(deps, current);
      await running;
    },
  };
}

/** A session that has just ended need not be told, and one that is just starting is told then. */
async function tellToStop({ client, world }: SessionDeps, marketDate: string): Promise<void> {
  const handle = client.workflow.getHandle(sessionWorkflowId(world.account, marketDate));
  try {
    await handle.signal(stopSession, 'shutting down');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** The day that market time stands in; after its session, the next one. Null: there is none. */
async function nextMarketDate(
  world: World,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  let step = await untilAnswered(world, signal, () => world.pace.current());
  const { marketDate } = step;
  const day = await world.reader.tradingDays.byDate(marketDate);
  const isSummarized = day !== null && day.summarizedAtMs !== null;
  if (isFirst && !isSummarized) return marketDate;
  while (step.marketDate === marketDate) {
    if (step.phase === 'ended' || signal.aborted) return null;
    const done = step;
    step = await untilAnswered(world, signal, () => world.pace.advance(done, signal));
    world.marketClock.observe(step.atMs);
  }
  return step.marketDate;
}

const ASK_AGAIN_MS = 5_000;

/**
 * Asks until it is answered: a night is long, and a broker or a Temporal that is away for a moment
 * of it, or keys that are refused in passing, must not cost the days after it.
 */
async function untilAnswered<Answer>(
  world: World,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isBrokerFailure(error) && !(error instanceof ServiceError)) throw error;
      world.log.warn({ error: error.message }, 'the sessions wait, and ask again');
      await world.wallClock.sleep(ASK_AGAIN_MS, signal);
    }
  }
}

type DayResult = SessionResult | { readonly outcome: 'failed'; readonly summary: null };

async function tradeDay(
  deps: SessionDeps,
  marketDate: string,
  signal: AbortSignal,
): Promise<DayResult> {
  try {
    return await runSession(deps, marketDate, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const until = deps.world.mode === 'simulated' ? 'now' : 'until the next market day';
    const message =
      `${reasonOf(error)}; no strategy trades ${until}, orders go on; ` +
      'start again to go on with the day';
    const title = `The session of ${marketDate} has failed`;
    await tellFailure(deps, { id: `session-failed/${marketDate}`, title, message });
    return { outcome: 'failed', summary: null };
  }
}

interface Failure {
  readonly id: string;
  readonly title: string;
  readonly message: string;
}

/** A person must hear of it: where the books cannot keep the alert, on the screen alone. */
async function tellFailure({ world, options }: SessionDeps, failed: Failure): Promise<void> {
  const { id, title, message } = failed;
  world.log.error({ message }, title);
  try {
    await world.books.transaction(world.account, async (transaction) => {
      await transaction.alerts.record({
        alertId: `${id}/${world.bootEpoch}`,
        type: 'system_health',
        severity: 'critical',
        title,
        message,
        metadata: '{}',
        atMs: world.marketClock.nowMs(),
        recordedAtWallMs: world.wallClock.nowMs(),
        acknowledgedBy: null,
      });
    });
  } catch (error) {
    world.log.error({ error: String(error) }, 'the alert of a failed session was not recorded');
    options.onEvent({ kind: 'note', message: `${title}: ${message}` });
  }
}

async function runSession(
  deps: SessionDeps,
  marketDate: string,
  signal: AbortSignal,
): Promise<SessionResult> {
  const { client, world, options, dataFeed } = deps;
  const { account } = world;
  const input: SessionInput = {
    account,
    marketDate,
    strategy: options.strategy,
    strategyParameters: options.strategyParameters,
    symbols: options.symbols,
    dataFeed,
  };
  const start = () =>
    client.workflow.start(SESSION_WORKFLOW, {
      workflowId: sessionWorkflowId(account, marketDate),
      taskQueue: brokerQueue(account),
      args: [input],
      // A session of a dead process would wait for its missed heartbeat: this one goes on where the
      // books are.
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      staticSummary: `${options.strategy} on ${options.symbols.join(', ')}, ${marketDate}`,
    });
  const handle = await untilAnswered(world, signal, start);
  if (signal.aborted) await tellToStop(deps, marketDate);
  return untilAnswered(world, signal, () => handle.result());
}
