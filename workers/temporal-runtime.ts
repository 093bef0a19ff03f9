import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Log } from '../activities/world.js';

let target: Log | null = null;

/**
 * Prepares Temporal's SDK for this process: its lines go into our log, and signals are left to us,
 * since its own trap would stop the Workers that the shutdown workflow needs. The SDK allows it
 * once a process.
 */
export function installTemporalRuntime(log: Log): void {
  const isInstalled = target !== null;
  target = log;
  if (isInstalled) return;
  Runtime.install({
    shutdownSignals: [],
    // The core would write to the terminal: its warnings come back through the logger.
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const fields = { sdk: true, ...meta };
      if (level === 'ERROR') target?.error(fields, message);
      else target?.warn(fields, message);
    }),
  });
}
