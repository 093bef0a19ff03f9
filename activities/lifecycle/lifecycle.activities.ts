import type {
  LifecycleInput,
  LifecycleStep,
  MissingBackup,
  ShutdownInput,
} from '../../workflows/contract/lifecycle.js';
import { translatingFailures } from '../failure.js';
import type { World } from '../world.js';
import { meetAccount } from './first-contact.js';
import { persistFinalState, refuseNewOrders, settleOrders } from './shutdown-steps.js';
import {
  becomeRunning,
  checkKillSwitch,
  openComponents,
  reconcileAtStartup,
  supersededStep,
} from './startup-steps.js';
import { tellMissingBackup } from './tell-missing-backup.js';

export interface LifecycleActivities {
  prepareDatabase(input: LifecycleInput): Promise<LifecycleStep>;
  meetAccount(input: LifecycleInput): Promise<LifecycleStep>;
  checkKillSwitch(input: LifecycleInput): Promise<LifecycleStep>;
  reconcileAtStartup(input: LifecycleInput): Promise<LifecycleStep>;
  openComponents(input: LifecycleInput): Promise<LifecycleStep>;
  /** The message is the state: `running` or `halted`. */
  becomeRunning(input: LifecycleInput): Promise<LifecycleStep>;
  refuseNewOrders(input: ShutdownInput): Promise<LifecycleStep>;
  /** Empty too where a newer start has taken over: its orders are its own to cancel. */
  settleOrders(input: ShutdownInput): Promise<readonly string[]>;
  /** `unsettled`: something was left that a person must look at. */
  persistFinalState(input: ShutdownInput, ordersLeft: readonly string[]): Promise<LifecycleStep>;
  tellMissingBackup(missing: MissingBackup): Promise<void>;
}

export function createLifecycleActivities(world: World): LifecycleActivities {
  const step =
    <Input extends LifecycleInput>(name: string, run: (input: Input) => Promise<string>) =>
    (input: Input): Promise<LifecycleStep> =>
      translatingFailures(async () => {
        const superseded = supersededStep(world, input, name);
        if (superseded !== null) return superseded;
        return { name, outcome: 'done', message: await run(input) };
      });
  return {
    prepareDatabase: step('database', () => world.database.prepare()),
    meetAccount: step('account', () => meetAccount(world)),
    checkKillSwitch: step('kill switch', () => checkKillSwitch(world)),
    reconcileAtStartup: step('reconciliation', () => reconcileAtStartup(world)),
    openComponents: step('components', () => openComponents(world)),
    becomeRunning: step('running', () => becomeRunning(world)),
    refuseNewOrders: step<ShutdownInput>('refuse new orders', (input) =>
      refuseNewOrders(world, input),
    ),
    settleOrders: (input) =>
      translatingFailures(async () => {
        const isSuperseded = supersededStep(world, input, 'settle orders') !== null;
        return isSuperseded ? [] : settleOrders(world, input);
      }),
    persistFinalState: (input, ordersLeft) =>
      translatingFailures(async () => {
        const name = 'final state';
        const superseded = supersededStep(world, input, name);
        if (superseded !== null) return superseded;
        const { state, message } = await persistFinalState(world, ordersLeft);
        return { name, outcome: state === 'stopped' ? 'done' : 'unsettled', message };
      }),
    tellMissingBackup: (missing) => translatingFailures(() => tellMissingBackup(world, missing)),
  };
}
