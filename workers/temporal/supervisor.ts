import { launchServer, type LaunchOptions } from './server-process.js';
import { endLeftoverServer, removeServerRecord } from './server-record.js';
import {
  type LaunchedProcess,
  type SupervisedProcess,
  superviseProcess,
} from '../processes/supervise-process.js';
import { TemporalUnavailable } from './unavailable.js';

export interface SupervisorOptions {
  readonly launch: LaunchOptions;
  readonly server: LaunchedProcess;
  readonly onLine: (line: string) => void;
  readonly onRestart?: (pid: number) => void;
}

/**
 * Starts the server again whenever it ends without being asked to, on the same ports and the same
 * file, so that clients reconnect by themselves.
 */
export function superviseServer(options: SupervisorOptions): SupervisedProcess {
  const { launch, server, onLine, onRestart } = options;
  const supervised = superviseProcess({
    first: server,
    launch: async () => {
      await endLeftoverServer(launch.folder);
      return launchServer(launch);
    },
    onEnded: (how) => onLine(`the Temporal server ended (${how}): starting it again`),
    onFailed: (error) => {
      const isForAPerson = error instanceof TemporalUnavailable;
      onLine(isForAPerson ? error.message : `Temporal: ${String(error)}; it is tried again`);
    },
    onBack: (pid) => {
      onLine(`the Temporal server is back (process ${pid})`);
      onRestart?.(pid);
    },
  });
  return {
    pid: supervised.pid,
    stop: async () => {
      await supervised.stop();
      await removeServerRecord(launch.folder);
    },
  };
}
