import { setTimeout as pause } from 'node:timers/promises';
import { IN_FLIGHT_STATES } from '../../domain/order/index.js';
import { killKinds } from '../support/own-processes.js';
import {
  addFault,
  checkFolder,
  exchangeOfRun,
  removeFaults,
  type Verdict,
} from '../support/stack-evidence.js';
import { type StackFolder, told } from '../support/stack-folder.js';
import { System } from '../support/system.js';
import { type Deed, describeDeed } from './deeds.js';

/** Crosses all the time, so that there is always an order on its way. */
const STRATEGY = ['--strategy', 'demonstration', '--strategy-parameters'];
const RESTLESS = JSON.stringify({ fastBars: 1, slowBars: 3, positionUsd: 5_000 });
const START_FLAGS = ['--market', 'synthetic', '--symbols', 'SPY,QQQ,IBM', '--speed', '1560'];

const STARTS_MAX = 3;
const LOOK_MS = 200;
/** The proof that an order never arrived takes five minutes; nothing takes longer. */
const SETTLE_MS_MAX = 7 * 60_000;

/** A run that suffers deeds, starts again after each death, and is looked at between phases. */
export class Victim {
  readonly #folder: StackFolder;
  readonly #system: System;
  readonly #say: (line: string) => void;
  readonly kills = new Map<string, number>();
  /** Deaths that nobody has brought about, and starts that failed. */
  selfEnds = 0;

  constructor(folder: StackFolder, say: (line: string) => void) {
    this.#folder = folder;
    this.#say = say;
    const startFlags = [...START_FLAGS, ...STRATEGY, RESTLESS];
    this.#system = new System({ folder, startFlags, environment: {} });
  }

  get dataDirectory(): string {
    return this.#folder.dataDirectory;
  }

  /** Up, however often it takes; a start that fails three times is thrown. */
  async up(): Promise<void> {
    if (this.#system.isUp && (await this.#system.isAlive())) return;
    if (this.#system.isUp) {
      this.selfEnds += 1;
      this.#say(`ended by itself: ${told(await this.#system.untilDead())}`);
    }
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#system.start();
        return;
      } catch (error) {
        if (tries >= STARTS_MAX) throw error;
        this.selfEnds += 1;
        this.#say(`start ${tries} failed: ${String(error)}`);
      }
    }
  }

  async suffer(deed: Deed): Promise<void> {
    await pause(deed.afterMs);
    await this.up();
    this.#say(describeDeed(deed));
    if (deed.kind === 'fault') {
      await this.#misbehave(deed.fault);
      return;
    }
    for (const kind of deed.whom) this.kills.set(kind, (this.kills.get(kind) ?? 0) + 1);
    if (deed.whom.length > 1) await this.#folder.killAll();
    else await killKinds(this.dataDirectory, deed.whom);
    if (deed.whom.includes('ordinis')) await this.#system.untilDead();
    await this.up();
  }

  /** An exchange that was just killed is coming back, and takes the fault then. */
  async #misbehave(fault: object): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await addFault(exchangeOfRun(this.dataDirectory), fault);
        return;
      } catch (error) {
        if (!(error instanceof TypeError) || tries >= 50) throw error;
        await pause(LOOK_MS);
      }
    }
  }

  /** No more faults; everything on its way comes to its end; stopped in order; then looked at. */
  async verdicts(): Promise<readonly Verdict[]> {
    await this.up();
    await removeFaults(exchangeOfRun(this.dataDirectory));
    await this.#settle();
    const end = await this.#system.stop();
    if (end.code !== 0) throw new Error(`expected a stop in order, found:\n${told(end)}`);
    return checkFolder(this.dataDirectory);
  }

  async #settle(): Promise<void> {
    const untilMs = performance.now() + SETTLE_MS_MAX;
    for (;;) {
      await this.up();
      const { orders } = await this.#system.reader();
      const open = await orders.inStates([...IN_FLIGHT_STATES, 'created']);
      const unknown = open.filter(({ order }) => order.progress.state === 'unknown');
      // What was decided a moment ago is on its way; what is unknown must come to its proof.
      if (unknown.length === 0) return;
      if (performance.now() > untilMs) return; // The checker names what was left.
      await pause(LOOK_MS);
    }
  }

  async close(): Promise<void> {
    await this.#system.close();
    await this.#folder.killAll();
  }
}
