import '../simulator/temporal/workflow-globals.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KILL_SWITCH, startKillSwitch } from '../simulator/fidelity/kill-switch.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { openTestWorld } from '../support/test-world.js';

/** Fewer than the first halt makes, more than there are before it. */
const HISTORY_EVENTS_MAX = 20;
/** Long enough to be seen on its way. */
const DISPATCH_MS = 50;

let theatre: ReturnType<typeof openSimulatedTheatre>;

beforeEach(async () => {
  const weather = { historyEventsMax: HISTORY_EVENTS_MAX, dispatchMs: () => DISPATCH_MS };
  theatre = openSimulatedTheatre(await openTestWorld(), weather);
  await startKillSwitch(theatre);
});

afterEach(() => theatre.close());

async function decided(text: string): Promise<number> {
  const decisions = await theatre.decisionsOf(KILL_SWITCH);
  return decisions.filter((line) => line.includes(text)).length;
}

it('halted again while the last look before a new run is under way → engaged by it', async () => {
  await theatre.until(async () => (await decided('timer')) > 0);
  await theatre.signal(KILL_SWITCH, 'halt', { message: 'the first' });
  await theatre.until(async () => (await decided('activity verifyHalt')) > 0);
  await theatre.signal(KILL_SWITCH, 'halt', { message: 'the second' });
  // Only a new run has looked at nothing yet.
  await theatre.until(async () => (await decided('activity verifyHalt')) === 0);
  await theatre.until(async () => (await decided('activity verifyHalt')) > 0);
  const causes = await theatre.test.world.reader.halts.openCauses();
  expect(causes.map(({ message }) => message)).toEqual(['the first', 'the second']);
});
