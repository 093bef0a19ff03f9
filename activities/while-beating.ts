import { heartbeat } from '@temporalio/activity';

/**
 * Runs an activity's work and heartbeats while the event loop lives: work of a dead or stuck
 * process is given to another attempt soon, not after the longest time that it may take.
 */
export async function whileBeating<Result>(
  everyMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setInterval(() => heartbeat(), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
