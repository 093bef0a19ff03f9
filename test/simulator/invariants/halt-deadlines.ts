import type { BooksReader, HaltCauseRow } from '../../../adapters/store/port.js';
import { UpTime, type UpTimeParts } from './up-time.js';

export interface HaltDeadlinesParts extends UpTimeParts {
  readonly reader: BooksReader;
  readonly wallMs: () => number;
}

/**
 * By when a halt is complete, or a person is told what stands in the way. The product tells after a
 * minute; steps that fault after fault has held up are tried again for longer.
 */
export const HALT_DEADLINE_MS = 5 * 60_000;
/** Nobody is told before. */
const TOLD_AFTER_MS = 55_000;
const ALERTS_MAX = 10_000;

interface Watched {
  readonly upMs: number;
  readonly engagedAtWallMs: number;
}

/**
 * I7, "canceled or escalated by h+T": counted while a process is up, and by the wall clock too,
 * since the product tells by it and it may be stepped back.
 */
export class HaltDeadlines {
  readonly #parts: HaltDeadlinesParts;
  readonly #watched = new Map<string, Watched>();
  readonly #settled = new Set<string>();
  readonly #upTime: UpTime;

  constructor(parts: HaltDeadlinesParts) {
    this.#parts = parts;
    this.#upTime = new UpTime(parts);
  }

  /** Halts that are neither complete nor told yet. */
  get pending(): readonly string[] {
    return [...this.#watched.keys()];
  }

  /** What this commit finds too late. */
  async faultsOf(open: readonly HaltCauseRow[]): Promise<readonly string[]> {
    this.#upTime.look();
    this.#begin(open);
    const faults: string[] = [];
    for (const [causeId, { upMs, engagedAtWallMs }] of this.#watched) {
      const cause = open.find((one) => one.causeId === causeId);
      const ageMs = this.#upTime.ms - upMs;
      const isOver = cause === undefined || cause.completedAtWallMs !== null;
      if (isOver || (ageMs >= TOLD_AFTER_MS && (await this.#isTold(causeId)))) {
        this.#settle(causeId);
        continue;
      }
      const wallAgeMs = this.#parts.wallMs() - engagedAtWallMs;
      if (ageMs <= HALT_DEADLINE_MS || wallAgeMs <= HALT_DEADLINE_MS) continue;
      this.#settle(causeId);
      faults.push(`I7: the halt ${causeId} is neither complete nor told of in time`);
    }
    return faults;
  }

  #begin(open: readonly HaltCauseRow[]): void {
    for (const { causeId, engagedAtWallMs } of open) {
      if (this.#watched.has(causeId) || this.#settled.has(causeId)) continue;
      this.#watched.set(causeId, { upMs: this.#upTime.ms, engagedAtWallMs });
    }
  }

  #settle(causeId: string): void {
    this.#watched.delete(causeId);
    this.#settled.add(causeId);
  }

  async #isTold(causeId: string): Promise<boolean> {
    const alerts = await this.#parts.reader.alerts.recent(ALERTS_MAX);
    return alerts.some(({ alertId }) => alertId.startsWith(`halt-incomplete/${causeId}/`));
  }
}
