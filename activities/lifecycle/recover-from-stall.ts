import { reconcile } from '../reconciliation/reconcile.js';
import { repairAll } from '../reconciliation/repair-all.js';
import { describeStall, type Stall } from '../safety/stall-guard.js';
import type { World } from '../world.js';

/**
 * After a stall nothing that was known before is trusted: market time is asked for, the gap of the
 * stream is repaired, the books are compared with the broker; then sends pass again, and everything
 * decided before the stall is void. Throws when the broker or the books cannot be read: the gate
 * stays shut, and it is tried again.
 */
export async function recoverFromStall(world: World, stall: Stall): Promise<string> {
  await listenAnew(world);
  const system = await world.reader.systemState.get();
  const isUp = system?.bootEpoch === world.bootEpoch && isTrading(system.state);
  // A start that stalls repairs and compares by itself before anything can be sent.
  if (!isUp) {
    world.stall.recovered(stall);
    return 'not trading yet';
  }
  await tell(world, stall, { severity: 'warning', message: describeStall(stall) });
  if (world.mode !== 'simulated') {
    const { atMs } = await world.broker.clock();
    world.marketClock.observe(atMs);
  }
  const repaired = await repairAll(world);
  const trigger = `stall ${stall.number}`;
  const compared = await reconcile(world, { account: world.account, trigger });
  world.stall.recovered(stall);
  const looked = `${repaired.openAtBroker} open orders, ${repaired.activities} executions`;
  const message = `${looked} looked at; ${compared.message}; earlier decisions are void`;
  await tell(world, stall, { severity: 'info', message });
  return message;
}

/**
 * Wall time that the process has not lived through is no time in which it listened: what waits for
 * five minutes of a live stream waits for them from here on.
 */
async function listenAnew(world: World): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    if (stream?.bootEpoch !== world.bootEpoch) return;
    const updatedAtWallMs = world.wallClock.nowMs();
    await transaction.streamState.set({ ...stream, updatedAtWallMs });
  });
}

function isTrading(state: string): boolean {
  return state === 'running' || state === 'halted';
}

async function tell(
  world: World,
  stall: Stall,
  told: { readonly severity: 'warning' | 'info'; readonly message: string },
): Promise<void> {
  const { severity, message } = told;
  const recordedAtWallMs = world.wallClock.nowMs();
  const stage = severity === 'info' ? 'over' : 'found';
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: `stall/${world.bootEpoch}/${stall.number}/${stage}`,
      type: 'system_health',
      severity,
      title: severity === 'info' ? 'Sends pass again after a stall' : 'No sends after a stall',
      message,
      metadata: JSON.stringify(stall),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs,
      acknowledgedBy: null,
    });
    transaction.audit({
      actor: 'ordinis',
      kind: `stall_${stage}`,
      entity: world.account,
      body: JSON.stringify({ ...stall, message }),
      atWallMs: recordedAtWallMs,
    });
  });
}
