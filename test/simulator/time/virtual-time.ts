import type { Chance } from './chance.js';
import { EventHeap, type Owner, TimedEvent } from './event-heap.js';
import type { Trace } from './trace.js';

export interface EventHandle {
  cancel(): void;
}

/** More events than this are a loop that does not end. */
const EVENTS_MAX = 400_000;

/**
 * Time that passes only from event to event. One event runs at a time, with everything that its
 * promises bring about, before the next one begins: so that the seed alone decides what happens
 * between any two awaits that wait for a port, a timer or a workflow.
 */
export class VirtualTime {
  readonly #heap = new EventHeap();
  readonly #chance: Chance;
  readonly #trace: Trace;
  #nowMs = 0;
  #owner: Owner | null = null;
  #eventCount = 0;

  constructor(chance: Chance, trace: Trace) {
    this.#chance = chance;
    this.#trace = trace;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whose event is running: what it sets up belongs to the same. */
  get owner(): Owner | null {
    return this.#owner;
  }

  /** The rest of the event that is running belongs to somebody else. */
  handOver(owner: Owner): void {
    this.#owner = owner;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  note(line: string): void {
    this.#trace.note(this.#nowMs, line);
  }

  /** Runs something later. An empty label leaves no line in the trace. */
  after(
    delayMs: number,
    what: { readonly owner: Owner | null; readonly label: string },
    run: () => void | Promise<void>,
  ): EventHandle {
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const event = new TimedEvent({ atMs, rank: this.#chance.next() }, what, run);
    this.#heap.push(event);
    return event;
  }

  /** Runs events until it is over, or nothing is left, or the time has come. True: it is over. */
  async runUntil(isOver: () => boolean, untilMs: number): Promise<boolean> {
    // Whoever calls from a tick of Node's would have the next tick come before the promises.
    await Promise.resolve();
    while (!isOver()) {
      const next = this.#heap.peek();
      if (next === undefined || next.atMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return isOver();
      }
      this.#heap.pop();
      if (next.run === null || next.owner?.isAlive === false) continue;
      this.#begin(next);
      const running = next.run();
      if (running !== undefined) await running;
      await microtasksDone();
      this.#owner = null;
    }
    return true;
  }

  #begin({ atMs, label, owner }: TimedEvent): void {
    this.#eventCount += 1;
    if (this.#eventCount > EVENTS_MAX) {
      throw new Error(`expected the run to end within ${EVENTS_MAX} events`);
    }
    this.#nowMs = atMs;
    if (label !== '') this.note(label);
    this.#owner = owner;
  }
}

/** Resolves when every promise that can go on without an event has gone on. */
export function microtasksDone(): Promise<void> {
  return new Promise(onNextTick);
}

function onNextTick(resolve: () => void): void {
  process.nextTick(resolve);
}
