import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { World } from '../activities/world.js';
import { brokerQueue, sessionWorkflowId } from '../workflows/contract/index.js';
import {
  SESSION_WORKFLOW,
  type SessionInput,
  type SessionResult,
  type SessionSummary,
  stopSession,
} from '../workflows/contract/lifecycle.js';
import type { StartOptions } from './start-options.js';

export interface Sessions {
  /** The first session's summary; null when it was interrupted. */
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
      const result = await runSession(deps, date);
      current = null;
      if (result.summary !== null)
        options.onEvent({ kind: 'session_ended', summary: result.summary });
      tell(result.summary);
      if (options.once || result.outcome === 'interrupted') {
        isOver = result.outcome === 'traded';
        return;
      }
    }
  };
  const running = trade().catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    world.log.error({ error: String(error) }, 'the session ended with an error');
    options.onEvent({ kind: 'note', message: `session: ${String(error)}` });
  });
  void running.then(() => tell(null));
  return {
    first,
    isOver: () => isOver,
    stop: async () => {
      stopping.abort(new Error('shutting down'));
      if (current !== null) {
        await tellSession(deps.client, sessionWorkflowId(world.account, current));
      }
      await running;
    },
  };
}

/** A session that ends just now need not be told. */
async function tellSession(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).signal(stopSession, 'shutting down');
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
  let step = await world.pace.current();
  const { marketDate } = step;
  const day = await world.reader.tradingDays.byDate(marketDate);
  const isSummarized = day !== null && day.summarizedAtMs !== null;
  if (isFirst && !isSummarized) return marketDate;
  while (step.marketDate === marketDate) {
    if (step.phase === 'ended' || signal.aborted) return null;
    step = await world.pace.advance(step, signal);
    world.marketClock.observe(step.atMs);
  }
  return step.marketDate;
}

async function runSession(deps: SessionDeps, marketDate: string): Promise<SessionResult> {
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
  const handle = await client.workflow.start(SESSION_WORKFLOW, {
    workflowId: sessionWorkflowId(account, marketDate),
    taskQueue: brokerQueue(account),
    args: [input],
    // A session of a dead process would wait for its missed heartbeat: this one goes on where the
    // books are.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    staticSummary: `${options.strategy} on ${options.symbols.join(', ')}, ${marketDate}`,
  });
  return handle.result();
}
