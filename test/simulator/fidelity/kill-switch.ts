import {
  KILL_SWITCH_WORKFLOW,
  killSwitchWorkflowId,
  safetyQueue,
} from '../../../workflows/contract/index.js';
import { ACCOUNT } from '../../support/test-world.js';
import type { Theatre } from './theatre.js';

export const KILL_SWITCH = killSwitchWorkflowId(ACCOUNT);

/** Starts the account's kill switch, and does not wait for anything it does. */
export async function startKillSwitch(theatre: Theatre): Promise<void> {
  await theatre.start({
    workflowType: KILL_SWITCH_WORKFLOW,
    workflowId: KILL_SWITCH,
    taskQueue: safetyQueue(ACCOUNT),
    input: { account: ACCOUNT, arrived: [] },
  });
}
