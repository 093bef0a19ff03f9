import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, RetryState } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { World } from '../../../activities/world.js';
import {
  BrokerAuthRefused,
  BrokerCircuitOpen,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../../adapters/broker/errors.js';
import type { MarketStep } from '../../../adapters/broker/port.js';
import { epochMs } from '../../../domain/values/index.js';
import { runSessions, type Sessions } from '../../../workers/run-sessions.js';
import type { StartEvent, StartOptions } from '../../../workers/start-options.js';
import { sessionWorkflowId } from '../../../workflows/contract/index.js';
import type { SessionResult } from '../../../workflows/contract/lifecycle.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { optionsOf, scriptedTemporal, type ScriptedTemporal } from './run-of-test.js';

const MONDAY: MarketStep = {
  atMs: epochMs(BROKER_START_MS),
  marketDate: '2013-10-07',
  phase: 'open',
  bars: [],
  lastEventId: null,
};
const TUESDAY: MarketStep = {
  ...MONDAY,
  atMs: epochMs(BROKER_START_MS + 20 * 3_600_000),
  marketDate: '2013-10-08',
  phase: 'before_open',
};
const [ON_MONDAY = '', ON_TUESDAY = ''] = [MONDAY, TUESDAY].map(({ marketDate }) =>
  sessionWorkflowId(ACCOUNT, marketDate),
);
const TRADED: SessionResult = { outcome: 'traded', summary: null };
const INTERRUPTED: SessionResult = { outcome: 'interrupted', summary: null };

function refusedSession(): WorkflowFailedError {
  const cause = ApplicationFailure.create({ message: 'expected a known strategy, found luck' });
  return new WorkflowFailedError('Workflow failed', cause, RetryState.RETRY_POLICY_NOT_SET);
}

interface Circumstance {
  readonly mode?: World['mode'];
  readonly once?: boolean;
  /** What the questions for the next step fail with, the first of all first. */
  readonly asked?: Error[];
}

interface Run {
  readonly test: TestWorld;
  readonly sessions: Sessions;
  readonly events: readonly StartEvent[];
}

/** Sessions from Monday on; the next step that is asked for is Tuesday's. */
async function run(temporal: ScriptedTemporal, given: Circumstance = {}): Promise<Run> {
  const test = await openTestWorld();
  const { mode = 'paper', asked = [], once = false } = given;
  const advance = async (): Promise<MarketStep> => {
    const failed = asked.shift();
    if (failed !== undefined) throw failed;
    return TUESDAY;
  };
  const pace = { ...test.world.pace, current: async () => MONDAY, advance };
  const events: StartEvent[] = [];
  const options: StartOptions = optionsOf(events, { once });
  const world = { ...test.world, mode, pace };
  const sessions = runSessions({ client: temporal.client, world, options, dataFeed: 'iex' });
  return { test, sessions, events };
}

async function alertsOf({ test }: Run): Promise<readonly string[]> {
  const alerts = await test.world.reader.alerts.recent(9);
  return alerts.map(({ severity, title, message }) => `${severity} ${title}: ${message}`);
}

describe('stopped', () => {
  it('while its session is just ending → nothing to tell it, and it ends', async () => {
    let end: (result: SessionResult) => void = () => undefined;
    const temporal = scriptedTemporal(() => new Promise((resolve) => (end = resolve)));
    temporal.hasEnded = true;
    const { sessions } = await run(temporal);
    await expect.poll(() => temporal.started).toEqual([ON_MONDAY]);
    const stopped = sessions.stop();
    await expect.poll(() => temporal.told).toEqual([ON_MONDAY]);
    end(INTERRUPTED);
    await stopped;
    expect(await sessions.first).toBeNull();
  });

  it('while its session is just starting → told once it has started', async () => {
    const temporal = scriptedTemporal(async () => INTERRUPTED);
    const { sessions } = await run(temporal);
    await sessions.stop();
    expect(temporal.started).toEqual([ON_MONDAY]);
    expect(temporal.told).toEqual([ON_MONDAY]);
  });
});

describe('what passes is waited out', () => {
  it('the broker does not tell the time over night → the next day is traded', async () => {
    const asked = [
      new BrokerUnavailable('HTTP 503'),
      new BrokerRateLimited('too many', 100),
      new BrokerAuthRefused('HTTP 401'),
      new BrokerCircuitOpen('open', 100),
    ];
    const temporal = scriptedTemporal(async (id) => (id === ON_MONDAY ? TRADED : INTERRUPTED));
    const night = await run(temporal, { asked });
    await expect.poll(() => temporal.started).toEqual([ON_MONDAY, ON_TUESDAY]);
    expect(asked).toEqual([]);
    expect(await alertsOf(night)).toEqual([]);
  });

  it('Temporal is away for a moment → asked for the session again', async () => {
    const ends: (() => Promise<SessionResult>)[] = [
      async () => {
        throw new ServiceError('no connection');
      },
      async () => TRADED,
    ];
    const temporal = scriptedTemporal(async () => (ends.shift() ?? (async () => INTERRUPTED))());
    const day = await run(temporal, { once: true });
    expect(await day.sessions.first).toBeNull();
    await day.sessions.stop();
    expect(day.sessions.isOver()).toBe(true);
    expect(temporal.started).toEqual([ON_MONDAY]);
    expect(await alertsOf(day)).toEqual([]);
  });
});

describe('a session that fails', () => {
  const failing = () =>
    scriptedTemporal(async (id) => {
      if (id === ON_MONDAY) throw refusedSession();
      return INTERRUPTED;
    });

  it('at Alpaca → a CRITICAL alert, and the next day is traded', async () => {
    const temporal = failing();
    const day = await run(temporal);
    expect(await day.sessions.first).toBeNull();
    await expect.poll(() => temporal.started).toEqual([ON_MONDAY, ON_TUESDAY]);
    expect(await alertsOf(day)).toEqual([
      'critical The session of 2013-10-07 has failed: expected a known strategy, found luck; ' +
        'no strategy trades until the next market day, orders go on; ' +
        'start again to go on with the day',
    ]);
  });

  it('at our exchange → a CRITICAL alert; the day stands, and is not over', async () => {
    const temporal = failing();
    const day = await run(temporal, { mode: 'simulated' });
    expect(await day.sessions.first).toBeNull();
    await day.sessions.stop();
    expect(temporal.started).toEqual([ON_MONDAY]);
    expect(day.sessions.isOver()).toBe(false);
    expect(await alertsOf(day)).toEqual([expect.stringMatching(/^critical .* trades now, orders/)]);
  });

  it('and the alert cannot be kept → said on the screen', async () => {
    const temporal = failing();
    const day = await run(temporal, { once: true });
    day.test.faults.push('error');
    expect(await day.sessions.first).toBeNull();
    expect(day.events).toEqual([
      { kind: 'note', message: expect.stringContaining('2013-10-07 has failed') },
    ]);
  });

  it('what no session can mend → a CRITICAL alert that no other is traded', async () => {
    const temporal = scriptedTemporal(async () => TRADED);
    const day = await run(temporal, { asked: [new Error('a mistake of ours')] });
    await day.sessions.first;
    await expect
      .poll(() => alertsOf(day))
      .toEqual([
        'critical The sessions have ended: a mistake of ours; ' +
          'no later session is traded: start again',
      ]);
  });
});
