import type { HaltCauseRow } from '../../../adapters/store/port.js';
import { UpTime, type UpTimeParts } from './up-time.js';

/** By when a halt that was taken is in the books: faults may have its steps tried for so long. */
export const IN_FORCE_MS_MAX = 5 * 60_000;

/**
 * I7, from the other end: a halt that somebody has taken comes into force. It is known by its
 * message, since whoever takes it gives it its id.
 */
export class TakenHalts {
  readonly #upTime: UpTime;
  /** How long there had been a process when each was taken. */
  readonly #awaited = new Map<string, number>();

  constructor(parts: UpTimeParts) {
    this.#upTime = new UpTime(parts);
  }

  /** Halts that were taken and that the books do not hold yet. */
  get pending(): readonly string[] {
    return [...this.#awaited.keys()];
  }

  /** Somebody has asked for a halt, and there was somebody to take it. */
  taken(message: string): void {
    this.#upTime.look();
    this.#awaited.set(message, this.#upTime.ms);
  }

  /** What this commit finds too late; a cause is open in one commit at least. */
  faultsOf(open: readonly HaltCauseRow[]): readonly string[] {
    this.#upTime.look();
    for (const { message } of open) this.#awaited.delete(message);
    const late = [...this.#awaited].filter(([, upMs]) => this.#upTime.ms - upMs > IN_FORCE_MS_MAX);
    for (const [message] of late) this.#awaited.delete(message);
    return late.map(([message]) => `I7: the halt "${message}" was taken and is not in the books`);
  }
}
