import { expect, it } from 'vitest';
import type { MarketStep } from '../../../adapters/broker/port.js';
import { epochMs } from '../../../domain/values/index.js';
import { runSessions } from '../../../workers/run-sessions.js';
import { sessionWorkflowId } from '../../../workflows/contract/index.js';
import type { SessionResult } from '../../../workflows/contract/lifecycle.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { ACCOUNT, openTestWorld } from '../../support/test-world.js';
import { optionsOf, scriptedTemporal } from './run-of-test.js';

const MONDAY: MarketStep = {
  atMs: epochMs(BROKER_START_MS),
  marketDate: '2013-10-07',
  phase: 'open',
  bars: [],
  lastEventId: null,
};
const SESSION = sessionWorkflowId(ACCOUNT, MONDAY.marketDate);
const INTERRUPTED: SessionResult = { outcome: 'interrupted', summary: null };

it('stopped while its session is just ending → nothing to tell it, and it ends', async () => {
  const test = await openTestWorld();
  let end: (result: SessionResult) => void = () => undefined;
  const temporal = scriptedTemporal(() => new Promise((resolve) => (end = resolve)));
  temporal.hasEnded = true;
  const world = { ...test.world, pace: { ...test.world.pace, current: async () => MONDAY } };
  const { client } = temporal;
  const sessions = runSessions({ client, world, options: optionsOf([]), dataFeed: 'iex' });
  await expect.poll(() => temporal.started).toEqual([SESSION]);
  const stopped = sessions.stop();
  await expect.poll(() => temporal.told).toEqual([SESSION]);
  end(INTERRUPTED);
  await stopped;
  expect(await sessions.first).toBeNull();
});
