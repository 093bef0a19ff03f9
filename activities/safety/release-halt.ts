import type { HaltCauseRow } from '../../adapters/store/port.js';
import { cancelStandingOf, strictestMode } from '../../domain/safety/halt-request.js';
import type { ReleaseAnswer, ReleaseRequest } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { releaseLatch } from './release-latch.js';

const ENGAGED_MEANWHILE = 'a halt was engaged or released meanwhile: look again';

/** What a release needs beside the books: how the reconciliation that was made for it ended. */
export interface ReleaseEvidence {
  readonly request: ReleaseRequest;
  readonly reconciliation: { readonly outcome: string; readonly message: string };
}

/**
 * Releases every open cause, or says every condition that is open, all at once. Only a person with
 * a name and a reason who has seen this very halt may do it, on a clean reconciliation, and never
 * over a file that a hand has made. Asked again after an answer that was lost, it is the same
 * release.
 */
export async function releaseHalt(world: World, evidence: ReleaseEvidence): Promise<ReleaseAnswer> {
  const { request } = evidence;
  const before = await releasedBefore(world, request);
  if (before !== null) return letGo(world, before);
  const causes = await world.reader.halts.openCauses();
  const conditions = await openConditions(world, causes, evidence);
  if (conditions.length > 0) return { released: false, conditions };
  const haltVersion = await releaseCauses(world, causes, request);
  if (haltVersion !== null) return letGo(world, { haltVersion, causes: causes.map(idOf) });
  const meanwhile = await releasedBefore(world, request);
  if (meanwhile !== null) return letGo(world, meanwhile);
  return { released: false, conditions: [ENGAGED_MEANWHILE] };
}

type Release = Omit<Extract<ReleaseAnswer, { readonly released: true }>, 'released'>;

/**
 * What an earlier attempt of this very request has released: the next version is in force, nothing
 * is open, and who released it and why are the same. Null: there was none.
 */
async function releasedBefore({ reader }: World, request: ReleaseRequest): Promise<Release | null> {
  const account = await reader.account();
  const haltVersion = request.haltVersion + 1;
  if (account?.haltVersion !== haltVersion) return null;
  const told = await reader.alerts.byId(releaseAlertId(haltVersion));
  const isOurs = told?.message === wordsOf(request);
  if (!isOurs || (await reader.halts.openCauses()).length > 0) return null;
  const { causes }: { readonly causes: readonly string[] } = JSON.parse(told.metadata);
  return { haltVersion, causes };
}

function releaseAlertId(haltVersion: number): string {
  return `halt-released/${haltVersion}`;
}

function wordsOf({ operator, reason }: Pick<ReleaseRequest, 'operator' | 'reason'>): string {
  return `by ${operator}: ${reason}`;
}

/** File and latch follow what the books have released. */
async function letGo(world: World, release: Release): Promise<ReleaseAnswer> {
  const written = await writtenCauses(world);
  const released = written.filter((cause) => cause.releasedAtWallMs !== null);
  world.killFile.release(released.map(idOf));
  await releaseLatch(world);
  return { released: true, ...release };
}

async function openConditions(
  world: World,
  causes: readonly HaltCauseRow[],
  { request, reconciliation }: ReleaseEvidence,
): Promise<readonly string[]> {
  const account = await world.reader.account();
  const conditions: string[] = [];
  const isHalted = causes.length > 0 || world.killFile.isEngaged();
  if (!isHalted) return ['nothing is halted: there is nothing to release'];
  if (request.operator.trim() === '') conditions.push('a name is needed: who releases');
  if (request.reason.trim() === '') conditions.push('a reason is needed: why it is safe again');
  if (account?.haltVersion !== request.haltVersion) {
    conditions.push(
      `halt version ${request.haltVersion} was seen, ` +
        `${account?.haltVersion ?? 0} is in force: look again`,
    );
  }
  for (const cause of causes) {
    if (cancelStandingOf(cause) === 'not verified yet') {
      const named = `${cause.reason} by ${cause.triggeredBy} (${cause.causeId})`;
      conditions.push(`the cancel of ${named} is not verified yet`);
    }
  }
  if (reconciliation.outcome !== 'clean') {
    conditions.push(`the reconciliation is not clean: ${reconciliation.message}`);
  }
  if (isHandMade(world, await writtenCauses(world))) {
    conditions.push(`the file ${world.killFile.path} was made by hand: remove it`);
  }
  return conditions;
}

function isHandMade({ killFile }: World, known: readonly HaltCauseRow[]): boolean {
  const written = killFile.causeIds();
  if (written === null) return false;
  const ours = known.map(idOf);
  return written.length === 0 || written.some((causeId) => !ours.includes(causeId));
}

/** What the books know of the kill file, open or released: a release may have been cut off. */
async function writtenCauses({ killFile, reader }: World): Promise<readonly HaltCauseRow[]> {
  const written = killFile.causeIds() ?? [];
  const rows = await Promise.all(written.map((causeId) => reader.halts.byId(causeId)));
  return rows.filter((row) => row !== null);
}

function idOf({ causeId }: HaltCauseRow): string {
  return causeId;
}

/**
 * Writes the release of these causes, with everything that must be true once it is committed. Null:
 * another halt version is in force than the one that was seen, and nothing is written.
 */
export async function releaseCauses(
  world: World,
  causes: readonly HaltCauseRow[],
  request: Pick<ReleaseRequest, 'operator' | 'reason'> & { readonly haltVersion?: number },
): Promise<number | null> {
  return world.books.transaction(world.account, async (transaction) => {
    const seen = request.haltVersion;
    if (seen !== undefined && seen !== transaction.account.get().haltVersion) return null;
    const releasedAtWallMs = world.wallClock.nowMs();
    for (const cause of causes) {
      await transaction.halts.update({
        ...cause,
        releasedAtWallMs,
        releasedBy: request.operator,
        releaseReason: request.reason,
      });
    }
    const haltVersion = transaction.account.get().haltVersion + 1;
    const left = await transaction.halts.openCauses();
    transaction.account.set({ haltMode: strictestMode(left), haltVersion });
    const system = await transaction.systemState.get();
    if (system?.state === 'halted' && strictestMode(left) !== 'halted') {
      const message = `released by ${request.operator}: ${request.reason}`;
      await transaction.systemState.set({
        ...system,
        state: 'running',
        message,
        updatedAtWallMs: releasedAtWallMs,
      });
    }
    await transaction.alerts.record({
      alertId: releaseAlertId(haltVersion),
      type: 'kill_switch',
      severity: 'emergency',
      title: 'Trading released',
      message: wordsOf(request),
      metadata: JSON.stringify({ causes: causes.map((cause) => cause.causeId) }),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: releasedAtWallMs,
      acknowledgedBy: null,
    });
    transaction.audit({
      actor: request.operator,
      kind: 'halt_released',
      entity: world.account,
      body: JSON.stringify({ reason: request.reason, haltVersion }),
      atWallMs: releasedAtWallMs,
    });
    return haltVersion;
  });
}
