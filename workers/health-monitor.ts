import { checkHealth, recordHealthChange } from '../activities/lifecycle/check-health.js';
import { engageHalt } from '../activities/safety/engage-halt.js';
import type { World } from '../activities/world.js';
import type { GuardedBroker } from '../adapters/broker/guarded-broker.js';

const LOOK_MS = 30_000;
/** How long the circuit for orders may stay open in session before trading halts. */
const CONNECTIVITY_MS_MAX = 120_000;

export interface HealthMonitor {
  stop(): void;
}

/** Looks at all components every thirty seconds, and halts when the broker stays out of reach. */
export function startHealthMonitor(world: World, broker: GuardedBroker): HealthMonitor {
  const wasHealthy = new Map<string, boolean>();
  let openSinceMs: number | null = null;
  const look = async (): Promise<void> => {
    await judgeConnectivity(); // First: whatever else cannot be looked at must not hold up a halt.
    for (const health of await checkHealth(world)) {
      if ((wasHealthy.get(health.component) ?? true) === health.isHealthy) continue;
      wasHealthy.set(health.component, health.isHealthy);
      world.log.warn({ ...health }, 'health changed');
      await recordHealthChange(world, health);
    }
  };
  const judgeConnectivity = async (): Promise<void> => {
    const isOpen = broker.breakers().submit.status === 'open';
    openSinceMs = isOpen ? (openSinceMs ?? world.wallClock.monotonicMs()) : null;
    if (openSinceMs === null) return;
    const openForMs = world.wallClock.monotonicMs() - openSinceMs;
    if (openForMs >= CONNECTIVITY_MS_MAX) await haltForConnectivity(world, openForMs);
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      // The gate judges by itself before each send; the monitor only tells.
      world.log.error({ error: String(error) }, 'health could not be looked at'),
    );
  }, LOOK_MS);
  return { stop: () => clearInterval(timer) };
}

async function haltForConnectivity(world: World, openForMs: number): Promise<void> {
  const open = await world.reader.halts.openCauses();
  if (open.some((cause) => cause.reason === 'connectivity')) return;
  await engageHalt(world, `connectivity-${world.bootEpoch}-${world.wallClock.nowMs()}`, {
    reason: 'connectivity',
    message: `the circuit to the broker was open for ${Math.round(openForMs / 1_000)} s`,
    triggeredBy: 'ordinis',
    metadata: {},
    cancel: 'keep-protection',
  });
}
