import { type ProcessIdentity, untilGone } from './process-identity.js';
import { commandLineFor, type LaunchOptions, type ServerProcess } from './server-process.js';
import type { LeftoverServer } from './server-record.js';

/** Whether the server that was left behind is the very one that this launch would start. */
export function isAsLaunched(leftover: LeftoverServer, launch: LaunchOptions): boolean {
  return leftover.commandLine === commandLineFor(launch);
}

/** A running server that is no child of ours, to be supervised like one that is. */
export function adoptServer({ pid, startedAt }: ProcessIdentity): ServerProcess {
  const identity = { pid, startedAt };
  return { identity, ended: untilGone(identity).then(() => 'seen by nobody') };
}
