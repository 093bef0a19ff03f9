import type { VirtualTime } from '../time/virtual-time.js';
import type { StartRequest, TemporalServer } from './temporal-server.js';

export interface Schedule {
  readonly scheduleId: string;
  readonly everyMs: number;
  readonly offsetMs: number;
  readonly buffersOne: boolean;
  readonly action: Pick<
    StartRequest,
    'workflowId' | 'workflowType' | 'taskQueue' | 'payloads' | 'executionTimeoutMs'
  >;
}

interface Entry {
  readonly schedule: Schedule;
  isPaused: boolean;
  runningId: string | null;
  isBuffered: boolean;
}

/** Starts workflows by the clock, one at a time: while one runs, at most one waits. */
export class Schedules {
  readonly #time: VirtualTime;
  readonly #server: TemporalServer;
  readonly #wallMs: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: {
    readonly time: VirtualTime;
    readonly server: TemporalServer;
    readonly wallMs: () => number;
  }) {
    this.#time = parts.time;
    this.#server = parts.server;
    this.#wallMs = parts.wallMs;
    this.#server.whenEnded(({ workflowId }) => this.#ended(workflowId));
  }

  /** False: it is there already. */
  create(schedule: Schedule): boolean {
    if (this.#entries.has(schedule.scheduleId)) return false;
    const entry: Entry = { schedule, isPaused: false, runningId: null, isBuffered: false };
    this.#entries.set(schedule.scheduleId, entry);
    this.#armNext(entry);
    return true;
  }

  /** False: there is no such schedule. */
  setPaused(scheduleId: string, isPaused: boolean): boolean {
    const entry = this.#entries.get(scheduleId);
    if (entry === undefined) return false;
    entry.isPaused = isPaused;
    return true;
  }

  #armNext(entry: Entry): void {
    const { everyMs, offsetMs } = entry.schedule;
    const sinceMs = (((this.#wallMs() - offsetMs) % everyMs) + everyMs) % everyMs;
    this.#time.after(everyMs - sinceMs, { owner: null, label: '' }, () => {
      this.#armNext(entry);
      if (entry.isPaused) return;
      if (entry.runningId === null) this.#start(entry);
      else entry.isBuffered = entry.schedule.buffersOne;
    });
  }

  #start(entry: Entry): void {
    const { action } = entry.schedule;
    const workflowId = `${action.workflowId}-${new Date(this.#wallMs()).toISOString()}`;
    this.#time.note(`schedule ${entry.schedule.scheduleId} starts ${workflowId}`);
    entry.isBuffered = false;
    entry.runningId = workflowId;
    this.#server.start({ ...action, workflowId, conflict: 'fail', reuse: 'allow' });
  }

  #ended(workflowId: string): void {
    for (const entry of this.#entries.values()) {
      if (entry.runningId !== workflowId) continue;
      entry.runningId = null;
      if (entry.isBuffered && !entry.isPaused) this.#start(entry);
    }
  }
}
