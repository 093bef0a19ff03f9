import type { HaltRequest } from '../../../domain/safety/halt-request.js';
import {
  halt,
  killSwitchWorkflowId,
  release,
  type ReleaseRequest,
} from '../../../workflows/contract/index.js';
import { toPayload } from '../temporal/payloads.js';
import { later, type Stage } from './stage.js';

const HALT_SHARE = 0.3;
const BY_FILE_SHARE = 0.3;
const AT_A_SEND_SHARE = 0.3;
/** A halt finds something to halt: it comes some time after as many sends. */
const SENDS_BEFORE = [6, 16] as const;
const HALT_MS = [10, 8_000] as const;
const ASK_AGAIN_MS = 700;
const RELEASE_AGAIN_MS = 10_000;
const RELEASE_TRIES = 8;

/**
 * In some runs somebody halts, by signal or by file, at any instant; in some the file appears at
 * the worst one: when a send is in the books and has not left.
 */
export function playHalts(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  if (chance.hit(HALT_SHARE)) {
    afterSends(stage, chance.whole(...SENDS_BEFORE), () =>
      later(stage, chance.between(...HALT_MS), () => haltSomehow(stage, lastsMs)),
    );
  }
  if (chance.hit(AT_A_SEND_SHARE)) {
    afterSends(stage, chance.whole(...SENDS_BEFORE), () =>
      touchFile(stage, chance.between(500, 8_000)),
    );
  }
}

/** Calls inside the commit that begins one of the first sends. */
function afterSends(stage: Stage, count: number, call: () => void): void {
  let sends = 0;
  stage.onSendBegun(() => {
    sends += 1;
    if (sends === count && stage.faults.isOn) call();
  });
}

function touchFile(stage: Stage, lastsMs: number): void {
  const { time, killFile } = stage;
  time.note('the kill file is made by hand');
  killFile.touchByHand();
  later(stage, lastsMs, () => {
    time.note('the kill file is removed by hand');
    killFile.removeByHand();
    // Where the end of the file does not release it, a person has to.
    later(stage, RELEASE_AGAIN_MS, () => releaseUntilDone(stage, RELEASE_TRIES));
  });
}

function haltSomehow(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  const endsMs = chance.between(2_000, lastsMs * 0.4);
  if (chance.hit(BY_FILE_SHARE)) {
    touchFile(stage, endsMs);
    return;
  }
  const request: HaltRequest = {
    reason: chance.one(['manual', 'daily_loss', 'runaway'] as const),
    message: 'asked by the scenario',
    triggeredBy: 'trader',
    metadata: {},
    cancel: chance.one(['keep-protection', 'cancel-all', 'none'] as const),
  };
  stage.time.note(`halt ${request.reason}, cancel ${request.cancel}`);
  haltUntilTaken(stage, request);
  if (chance.hit(0.7)) later(stage, endsMs, () => releaseUntilDone(stage, RELEASE_TRIES));
}

/** A halt is asked for until there is somebody to take it. */
function haltUntilTaken(stage: Stage, request: HaltRequest): void {
  const id = killSwitchWorkflowId(stage.account);
  if (stage.server.signal(id, halt.name, [toPayload(request)])) {
    stage.haltTaken(request.message);
    return;
  }
  later(stage, ASK_AGAIN_MS, () => haltUntilTaken(stage, request));
}

function releaseUntilDone(stage: Stage, tries: number): void {
  const { time, server, account } = stage;
  if (tries === 0) return;
  const process = stage.process();
  if (process === null) {
    stage.whenReady(() => releaseUntilDone(stage, tries - 1));
    return;
  }
  let isReleased = false;
  const ask = async (): Promise<void> => {
    const row = await process.world.reader.account();
    const haltVersion = row?.haltVersion ?? 0;
    const request: ReleaseRequest = { operator: 'trader', reason: 'looked at it', haltVersion };
    const id = killSwitchWorkflowId(account);
    const outcome = await server.update(id, release.name, [toPayload(request)]);
    time.note(`release answered ${JSON.stringify(outcome)}`);
    isReleased = JSON.stringify(outcome).includes('"released":true');
  };
  time.after(0, { owner: process.life, label: '' }, () => {
    ask().catch((error: unknown) => time.note(`release failed: ${String(error)}`));
  });
  later(stage, RELEASE_AGAIN_MS, () => {
    if (!isReleased) releaseUntilDone(stage, tries - 1);
  });
}
