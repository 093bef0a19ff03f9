import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TemporalUnavailable } from './unavailable.js';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 20_000;

/** Where a server listens, all on the loopback address. */
export interface ServerPorts {
  readonly port: number;
  readonly uiPort: number;
  readonly metricsPort: number;
}

export interface ServerCommand extends ServerPorts {
  readonly namespace: string;
  readonly database: string;
}

/**
 * Settings of the development server for one trader on one machine: every commit reaches the disk,
 * one partition for each queue (exact order, less delay), and no 50 ms grid under each hop.
 */
const DYNAMIC_CONFIG = [
  'system.enableActivityEagerExecution=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'history.transferProcessorMaxPollRPS=10000',
  'history.timerProcessorMaxPollRPS=10000',
  'history.visibilityProcessorMaxPollRPS=10000',
  'history.timerProcessorMaxTimeShift="10ms"',
  'frontend.enableServerVersionCheck=false',
] as const;

/** The arguments that start the server. */
export function serverArguments(command: ServerCommand): readonly string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1'],
    ...['--port', String(command.port), '--ui-port', String(command.uiPort)],
    ...['--metrics-port', String(command.metricsPort)],
    ...['--namespace', command.namespace, '--db-filename', command.database],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'],
    ...DYNAMIC_CONFIG.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...['--ui-disable-news-fetch', '--log-level', 'error'],
  ];
}

/** The version a Temporal CLI says it has, such as "1.8.2". */
export async function temporalVersion(binary: string): Promise<string> {
  try {
    const { stdout } = await run(binary, ['--version'], { timeout: VERSION_TIMEOUT_MS, env: {} });
    const match = /temporal version v?(\d+\.\d+\.\d+)/.exec(stdout);
    if (match?.[1] !== undefined) {
      return match[1];
    }
    throw new TemporalUnavailable(
      `Temporal: expected ${binary} to say its version, found "${stdout.trim()}"; ` +
        'name another program in ORDINIS_TEMPORAL_BIN',
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new TemporalUnavailable(
        `Temporal: expected ${binary} to run, found ${String(error.code)}; ` +
          'run "npm run setup", or name a program in ORDINIS_TEMPORAL_BIN',
      );
    }
    throw error;
  }
}
