import { cancelStandingOf, type HaltRequest } from '../../domain/safety/halt-request.js';
import type { HaltView, ReleaseAnswer } from '../../workflows/contract/index.js';
import { failure, translatingFailures } from '../failure.js';
import type { World } from '../world.js';
import { engageHalt, type HaltReport } from './engage-halt.js';
import { releaseHalt, type ReleaseEvidence } from './release-halt.js';
import { type HaltVerification, verifyHalt } from './verify-halt.js';

export interface SafetyActivities {
  engageHalt(causeId: string, request: HaltRequest): Promise<HaltReport>;
  verifyHalt(): Promise<HaltVerification>;
  releaseHalt(evidence: ReleaseEvidence): Promise<ReleaseAnswer>;
  readHalt(): Promise<HaltView>;
}

/** The kill switch's activities: on a queue and a Worker of their own. */
export function createSafetyActivities(world: World): SafetyActivities {
  return {
    engageHalt: (causeId, request) =>
      translatingFailures(() => engageForGood(world, causeId, request)),
    verifyHalt: () => translatingFailures(() => verifyHalt(world)),
    releaseHalt: (evidence) => translatingFailures(() => releaseHalt(world, evidence)),
    readHalt: () => translatingFailures(() => readHalt(world)),
  };
}

/** Every part is engaged first; then a cause that the books did not take is tried again. */
async function engageForGood(
  world: World,
  causeId: string,
  request: HaltRequest,
): Promise<HaltReport> {
  const report = await engageHalt(world, causeId, request);
  if (report.books === 'done') return report;
  throw failure('BooksBusy', `halt ${causeId} is in force but not in the books: ${report.books}`);
}

/** The halt as the books hold it. */
export async function readHalt(world: Pick<World, 'reader'>): Promise<HaltView> {
  const account = await world.reader.account();
  const causes = await world.reader.halts.openCauses();
  return {
    mode: account?.haltMode ?? 'none',
    haltVersion: account?.haltVersion ?? 0,
    causes: causes.map((cause) => ({
      causeId: cause.causeId,
      reason: cause.reason,
      message: cause.message,
      triggeredBy: cause.triggeredBy,
      cancel: cancelStandingOf(cause),
    })),
  };
}
