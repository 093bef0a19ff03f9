import {
  brokerQueue,
  SHUTDOWN_WORKFLOW,
  type ShutdownInput,
  shutdownWorkflowId,
} from '../../../workflows/contract/index.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import { toPayload } from '../temporal/payloads.js';
import { later, type Stage } from './stage.js';

const RESTART_SHARE = 0.3;
const SHUTDOWN_MS_MAX = 30_000;
const CLOSING_MS = 200;

/** In some runs somebody stops Ordinis in order, with whatever is open, and it is started again. */
export function playRestarts(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  if (!chance.hit(RESTART_SHARE)) return;
  later(stage, chance.between(lastsMs * 0.3, lastsMs * 0.9), () => {
    const process = stage.process();
    if (process === null) stage.whenReady(() => shutDown(stage));
    else shutDown(stage);
  });
}

/** As SIGTERM does: the shutdown workflow, then the end of the process, at the latest in time. */
function shutDown(stage: Stage): void {
  const { server, account, chance, time } = stage;
  const process = stage.process();
  if (process === null) return;
  const { life, world } = process;
  const input: ShutdownInput = {
    account,
    bootEpoch: life.bootEpoch,
    requestedBy: 'trader',
    cancel: chance.one(['keep-protection', 'cancel-all', 'none'] as const),
    deadlineAtMs: world.wallClock.nowMs() + SHUTDOWN_MS_MAX,
  };
  time.note(`shutdown of ${life.name}, cancel ${input.cancel}`);
  const started = server.start({
    workflowId: shutdownWorkflowId(account, life.bootEpoch),
    workflowType: SHUTDOWN_WORKFLOW,
    taskQueue: brokerQueue(account),
    payloads: [toPayload(input)],
    conflict: 'use_existing',
    reuse: 'allow',
    executionTimeoutMs: null,
  });
  server.whenEnded((run) => {
    if (run === started?.run) later(stage, CLOSING_MS, () => endOf(process));
  });
  later(stage, SHUTDOWN_MS_MAX, () => endOf(process));
}

function endOf({ life }: OrdinisProcess): void {
  life.die();
}
