import { isBrokerFailure } from '../../adapters/broker/errors.js';
import type { World } from '../world.js';

export interface ComponentHealth {
  readonly component: 'database' | 'stream' | 'broker' | 'lock';
  readonly isHealthy: boolean;
  readonly message: string;
}

/** Looks at every component that orders need. A component that cannot be asked is not healthy. */
export async function checkHealth(world: World): Promise<readonly ComponentHealth[]> {
  const database = await world.database.health();
  const stream = await world.reader.streamState.get();
  const isStreamLive = stream?.status === 'live' && stream.bootEpoch === world.bootEpoch;
  return [
    { component: 'database', ...database },
    {
      component: 'stream',
      isHealthy: isStreamLive,
      message: stream === null ? 'never opened' : `${stream.status}: ${stream.message}`,
    },
    await brokerHealth(world),
    {
      component: 'lock',
      isHealthy: world.isLeaseHeld(),
      message: world.isLeaseHeld() ? 'held' : 'lost: nothing is sent any more',
    },
  ];
}

async function brokerHealth(world: World): Promise<ComponentHealth> {
  const component = 'broker';
  try {
    const { blocked, status } = await world.broker.account();
    return { component, isHealthy: !blocked, message: `account ${status}` };
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    return { component, isHealthy: false, message: error.message };
  }
}

/** Tells a person about a component that became ill or well again. */
export async function recordHealthChange(world: World, health: ComponentHealth): Promise<void> {
  const recordedAtWallMs = world.wallClock.nowMs();
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: `health/${health.component}/${recordedAtWallMs}`,
      type: 'system_health',
      severity: health.isHealthy ? 'info' : 'warning',
      title: `${health.component} is ${health.isHealthy ? 'well again' : 'not well'}`,
      message: health.message,
      metadata: JSON.stringify(health),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs,
      acknowledgedBy: null,
    });
  });
}
