import { checkHealth, recordHealthChange } from '../activities/lifecycle/check-health.js';
import type { World } from '../activities/world.js';
import type { GuardedBroker } from '../adapters/broker/guarded-broker.js';
import { watchConnectivity } from './connectivity.js';

const LOOK_MS = 30_000;

export interface HealthMonitor {
  stop(): void;
}

/** Looks at all components every thirty seconds, and halts when the broker stays out of reach. */
export function startHealthMonitor(world: World, broker: GuardedBroker): HealthMonitor {
  const wasHealthy = new Map<string, boolean>();
  const judgeConnectivity = watchConnectivity(world, broker);
  const look = async (): Promise<void> => {
    await judgeConnectivity(); // First: whatever else cannot be looked at must not hold up a halt.
    for (const health of await checkHealth(world)) {
      if ((wasHealthy.get(health.component) ?? true) === health.isHealthy) continue;
      world.log.warn({ ...health }, 'health changed');
      await recordHealthChange(world, health);
      wasHealthy.set(health.component, health.isHealthy); // Told, or told again by the next look.
    }
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      // The gate judges by itself before each send; the monitor only tells.
      world.log.error({ error: String(error) }, 'health could not be looked at'),
    );
  }, LOOK_MS);
  return { stop: () => clearInterval(timer) };
}
