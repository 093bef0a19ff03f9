import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import { engageHalt } from '../../activities/safety/engage-halt.js';
import { releaseHalt } from '../../activities/safety/release-halt.js';
import { verifyHalt } from '../../activities/safety/verify-halt.js';
import { readHaltRequest } from '../../domain/safety/halt-request.js';
import { KILL_SWITCH, startKillSwitch } from '../simulator/fidelity/kill-switch.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import type { Theatre } from '../simulator/fidelity/theatre.js';
import { openTestWorld, type TestWorld } from '../support/test-world.js';

/** By then no request of before the halt can be under way. */
const SAFE_MS = 6_000;
/** Enough of them for a history that is long. */
const HALTS = 6;

async function startUp(theatre: Theatre): Promise<void> {
  await startKillSwitch(theatre);
  await theatre.until(async () => (await theatre.decisionsOf(KILL_SWITCH)).length >= 2);
}

async function openIds({ world }: TestWorld): Promise<readonly string[]> {
  return (await world.reader.halts.openCauses()).map(({ causeId }) => causeId);
}

/** Halted, and released again. */
async function releasedCause(): Promise<TestWorld> {
  const test = await openTestWorld();
  await engageHalt(test.world, 'cause-1', readHaltRequest({ reason: 'manual' }));
  test.advanceWall(SAFE_MS);
  await verifyHalt(test.world);
  const answer = await releaseHalt(test.world, {
    request: { operator: 'ann', reason: 'checked', haltVersion: 1 },
    reconciliation: { outcome: 'clean', message: 'books and broker agree' },
  });
  expect(answer.released).toBe(true);
  return test;
}

const COPIED = { reason: 'manual', triggeredBy: 'ann', metadata: { causeId: 'cause-1' } };

it('a person sends the input of a halt that was released once more → halted anew', async () => {
  const test = await releasedCause();
  const theatre = openSimulatedTheatre(test);
  try {
    await startUp(theatre);
    await theatre.signal(KILL_SWITCH, 'halt', COPIED);
    await theatre.until(async () => (await openIds(test)).length > 0);
    expect(await openIds(test)).not.toContain('cause-1');
    expect((await test.world.reader.account())?.haltMode).toBe('halted');
  } finally {
    theatre.close();
  }
});

it('Ordinis tells late of a cause that was released meanwhile → that stays released', async () => {
  const test = await releasedCause();
  const theatre = openSimulatedTheatre(test);
  try {
    await startUp(theatre);
    await theatre.signal(KILL_SWITCH, 'haltEngaged', COPIED);
    await theatre.until(async () => (await theatre.decisionsOf(KILL_SWITCH)).length >= 5);
    expect(await openIds(test)).toEqual([]);
  } finally {
    theatre.close();
  }
});

it('a release takes its time while the run is to end → no halt waits for it', async () => {
  const test = await openTestWorld();
  const theatre = openSimulatedTheatre(test, { historyEventsMax: 24 });
  test.broker.account = () => new Promise(() => undefined);
  try {
    await startUp(theatre);
    for (let halts = 1; halts <= HALTS; halts += 1) {
      const send = (): void => void theatre.signal(KILL_SWITCH, 'halt', { message: `${halts}` });
      setTimeout(send, halts * 5_000);
    }
    const wish = { operator: 'ann', reason: 'checked', haltVersion: 0 };
    const answer = theatre.update(KILL_SWITCH, 'release', wish);
    await expect(answer).rejects.toThrow('expected the script to come to its end');
    expect(await openIds(test)).toHaveLength(HALTS);
  } finally {
    theatre.close();
  }
});
