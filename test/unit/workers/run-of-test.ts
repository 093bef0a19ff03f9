import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../../../activities/world.js';
import { parseMarketDate } from '../../../domain/market/index.js';
import { assert } from '../../../domain/values/index.js';
import type { StartEvent, StartOptions } from '../../../workers/start-options.js';
import type { SessionInput, ShutdownInput } from '../../../workflows/contract/lifecycle.js';
import type { TestWorld } from '../../support/test-world.js';

type Input = SessionInput | ShutdownInput;

/** A Temporal that answers as a test wants. */
export interface ScriptedTemporal {
  readonly client: Client;
  /** Workflow ids that were started, in order. */
  readonly started: string[];
  /** Workflow ids that were told to stop. */
  readonly told: string[];
  /** How a workflow ends, by its id; asked as often as somebody asks for its result. */
  ends: (workflowId: string, input: Input | undefined) => Promise<unknown>;
  /** Fails instead of starting. */
  refusal: Error | null;
  /** Workflows that have ended when they are told something. */
  hasEnded: boolean;
}

interface Started {
  readonly workflowId: string;
  readonly args: readonly Input[];
}

export function scriptedTemporal(ends: ScriptedTemporal['ends']): ScriptedTemporal {
  const started: string[] = [];
  const told: string[] = [];
  const workflow = {
    start: async (_type: string, { workflowId, args }: Started) => {
      if (temporal.refusal !== null) throw temporal.refusal;
      started.push(workflowId);
      return { result: () => temporal.ends(workflowId, args[0]) };
    },
    getHandle: (workflowId: string) => ({
      signal: async () => {
        told.push(workflowId);
        if (temporal.hasEnded) throw new WorkflowNotFoundError('it ended', workflowId, undefined);
      },
    }),
    count: async () => ({ count: 0 }),
  };
  const client: Client = Object.assign(Object.create(null), { workflow });
  const temporal: ScriptedTemporal = {
    client,
    started,
    told,
    ends,
    refusal: null,
    hasEnded: false,
  };
  return temporal;
}

/** A world in which time stands: whoever waits for it waits for good, or until it is told. */
export function standing({ world }: TestWorld): World {
  const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('woken')), { once: true });
    });
  return { ...world, wallClock: { ...world.wallClock, sleep } };
}

/** What a run is asked for; its events go into the list. */
export function optionsOf(events: StartEvent[], change: Partial<StartOptions> = {}): StartOptions {
  const date = parseMarketDate('2013-10-07');
  assert(date !== null, 'expected a date');
  return {
    dataDirectory: join(tmpdir(), 'ordinis-no-folder'),
    broker: { kind: 'exchange', market: { kind: 'synthetic', date, seed: 1 }, speed: null },
    symbols: ['SPY'],
    strategy: 'demonstration',
    strategyParameters: {},
    once: false,
    temporal: { address: null, binary: null, port: 7_233, uiPort: 8_233 },
    cancelAtShutdown: 'keep-protection',
    externalOrders: 'observe',
    shutdownTimeoutSeconds: 30,
    protection: 'alert',
    stallMsMax: 10_000,
    crash: null,
    onEvent: (event) => void events.push(event),
    ...change,
  };
}
