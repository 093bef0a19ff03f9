import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import {
  brokerQueue,
  SHUTDOWN_WORKFLOW,
  type ShutdownInput,
  shutdownWorkflowId,
} from '../../workflows/contract/index.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld } from '../support/test-world.js';

const SHUTDOWN = shutdownWorkflowId(ACCOUNT, BOOT_EPOCH);

it('a broker that answers again within the half minute → stopped in order', async () => {
  const test = await openTestWorld();
  let asked = 0;
  test.broker.failing.add('openOrders');
  test.broker.beforeAnswer = (call) => {
    if (call === 'openOrders') asked += 1;
    if (asked === 12) test.broker.failing.clear(); // The last pauses are of two seconds each.
  };
  const theatre = openSimulatedTheatre(test);
  try {
    const input: ShutdownInput = {
      account: ACCOUNT,
      bootEpoch: BOOT_EPOCH,
      requestedBy: 'SIGINT',
      cancel: 'keep-protection',
      deadlineAtMs: test.wallNowMs() + 30_000,
    };
    const taskQueue = brokerQueue(ACCOUNT);
    const workflowType = SHUTDOWN_WORKFLOW;
    await theatre.start({ workflowType, workflowId: SHUTDOWN, taskQueue, input });
    const last = async (): Promise<string> =>
      (await theatre.decisionsOf(SHUTDOWN)).at(-1) ?? 'activity';
    await theatre.until(async () => !(await last()).startsWith('activity'));
    expect(await last()).toMatch(/^completed .*"outcome":"stopped"/);
    expect((await test.world.reader.systemState.get())?.state).toBe('stopped');
  } finally {
    theatre.close();
  }
});
