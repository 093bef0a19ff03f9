import type { OrderIntent } from '../../../domain/order/index.js';
import type { HaltRequest } from '../../../domain/safety/halt-request.js';
import {
  cancelOrder,
  type CancelRequest,
  halt,
  killSwitchWorkflowId,
  type OrderInput,
  orderWorkflowId,
  release,
  type ReleaseRequest,
} from '../../../workflows/contract/index.js';
import type { MemoryKillFile } from '../process/memory-kill-file.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import { toPayload } from '../temporal/payloads.js';
import type { TemporalServer } from '../temporal/temporal-server.js';
import type { Chance } from '../time/chance.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { drawIntent } from './draw-intent.js';
import type { MarketWalk } from './market-walk.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';

export interface Stage {
  readonly account: string;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly server: TemporalServer;
  readonly exchange: SimulatedExchange;
  readonly market: MarketWalk;
  readonly killFile: MemoryKillFile;
  readonly pollIntervalMs: number;
  /** The process that can be asked now, if one is up. */
  readonly process: () => OrdinisProcess | null;
  /** Calls once as soon as one is up. */
  readonly whenReady: (call: () => void) => void;
  /** What was asked for and is not done yet. */
  readonly asks: Set<string>;
}

const ASK_AGAIN_MS = 700;
const PATIENCE_MS = 12_000;
const RELEASE_AGAIN_MS = 10_000;
const RELEASE_TRIES = 8;
const ORDERS = [20, 28] as const;
const CANCEL_SHARE = 0.35;
const HALT_SHARE = 0.3;
const DIRECT_START_SHARE = 0.3;

/**
 * What people and strategies do in one run: at least twenty orders, cancels of some, in some runs
 * a halt with or without its release, in some the closing bell. Whoever gets no answer asks again.
 */
export function playScenario(stage: Stage, lastsMs: number): { readonly orders: number } {
  const { chance } = stage;
  const orders = chance.whole(...ORDERS);
  for (let number = 1; number <= orders; number += 1) {
    later(stage, chance.between(2_000, lastsMs * 0.8), () => wantOrder(stage, number));
  }
  if (chance.hit(HALT_SHARE)) {
    later(stage, chance.between(lastsMs * 0.5, lastsMs * 0.9), () => haltSomehow(stage, lastsMs));
  }
  if (chance.hit(0.3)) later(stage, lastsMs * 0.97, () => stage.exchange.close());
  return { orders };
}

function later({ time }: Stage, delayMs: number, run: () => void): void {
  time.after(delayMs, { owner: null, label: '' }, run);
}

function wantOrder(stage: Stage, number: number): void {
  const { chance, account, exchange, market } = stage;
  const intent = drawIntent(chance, { account, number, nowAtMs: exchange.nowMs, market });
  const { type, side, symbol, quantity } = intent;
  stage.time.note(`want ${intent.clientOrderId}: ${side} ${quantity} ${symbol} ${type}`);
  const isDirect = chance.hit(DIRECT_START_SHARE);
  askUntilDone(stage, intent.clientOrderId, (process) =>
    isDirect
      ? process.world.drivers.startOrder(inputOf(stage, intent))
      : askByOutbox(stage, process, intent),
  );
  if (!chance.hit(CANCEL_SHARE)) return;
  const delayMs = chance.between(10, 20_000);
  const isByWorkflow = chance.hit(0.8);
  later(stage, delayMs, () => {
    stage.time.note(`cancel ${intent.clientOrderId}`);
    if (isByWorkflow) cancelByWorkflow(stage, intent);
    else cancelAgain(stage, intent);
  });
}

function inputOf({ pollIntervalMs }: Stage, intent: OrderIntent): OrderInput {
  return { intent, correlationId: intent.clientOrderId, isResumed: false, pollIntervalMs };
}

/** As a session does: the signal and the promise to start its driver, in one transaction. */
async function askByOutbox(
  stage: Stage,
  { world }: OrdinisProcess,
  intent: OrderIntent,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const recorded = await transaction.signals.record({
      strategy: intent.strategy,
      symbol: intent.symbol,
      barEndAtMs: intent.decidedAtMs,
      leg: `${intent.leg}-${intent.clientOrderId}`,
      signal: '{}',
      clientOrderId: intent.clientOrderId,
      dataFeed: 'synthetic',
    });
    if (recorded === 'repeated') return;
    await transaction.outbox.post({
      kind: 'start_order',
      target: intent.clientOrderId,
      payload: JSON.stringify(inputOf(stage, intent)),
    });
  });
}

/** Asks whichever process is up, again and again, until one has said that it is done. */
function askUntilDone(
  stage: Stage,
  name: string,
  ask: (process: OrdinisProcess) => Promise<unknown>,
): void {
  const { time, asks } = stage;
  asks.add(name);
  const attempt = (): void => {
    if (!asks.has(name)) return;
    const process = stage.process();
    if (process === null) {
      stage.whenReady(attempt);
      return;
    }
    let isOver = false;
    const again = (delayMs: number): void => {
      if (isOver || !asks.has(name)) return;
      isOver = true;
      later(stage, delayMs, attempt);
    };
    time.after(0, { owner: process.life, label: '' }, () => {
      ask(process).then(
        () => void asks.delete(name),
        () => again(ASK_AGAIN_MS),
      );
    });
    later(stage, PATIENCE_MS, () => again(0));
  };
  attempt();
}

const CANCEL: CancelRequest = { requestedBy: 'trader', reason: 'changed my mind' };

function cancelByWorkflow({ server, account, time }: Stage, intent: OrderIntent): void {
  const id = orderWorkflowId(account, intent.clientOrderId);
  server.update(id, cancelOrder.name, [toPayload(CANCEL)]).then(
    (outcome) => time.note(`cancel ${intent.clientOrderId} answered ${JSON.stringify(outcome)}`),
    (error: unknown) => time.note(`cancel failed ${String(error)}`),
  );
}

/** A second cancel of the same order, as by an impatient trader. */
function cancelAgain(stage: Stage, intent: OrderIntent): void {
  cancelByWorkflow(stage, intent);
  later(stage, 300, () => cancelByWorkflow(stage, intent));
}

function haltSomehow(stage: Stage, lastsMs: number): void {
  const { chance, killFile } = stage;
  const endsMs = chance.between(2_000, lastsMs * 0.4);
  if (chance.hit(0.3)) {
    stage.time.note('the kill file is made by hand');
    killFile.touchByHand();
    later(stage, endsMs, () => {
      stage.time.note('the kill file is removed by hand');
      killFile.removeByHand();
    });
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
  if (stage.server.signal(id, halt.name, [toPayload(request)])) return;
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
