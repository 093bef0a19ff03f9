import type { KillFile } from '../../../adapters/safety/port.js';
import type { ProcessLife } from './process-life.js';

interface Cause {
  readonly causeId: string;
  readonly message: string;
}

/** The kill file of a data folder: it outlives every process. */
export class MemoryKillFile {
  #causes: readonly Cause[] | null = null;
  #isHandMade = false;

  get isEngaged(): boolean {
    return this.#causes !== null || this.#isHandMade;
  }

  /** Somebody makes the file, or removes it, by hand. */
  touchByHand(): void {
    this.#isHandMade = true;
  }

  removeByHand(): void {
    this.#isHandMade = false;
    this.#causes = null;
  }

  /** The file as a process reaches it; a dead one changes nothing any more. */
  portOf(life: ProcessLife): KillFile {
    return {
      path: 'KILL_SWITCH',
      isEngaged: () => this.isEngaged,
      causeIds: () => this.#causeIds(),
      messageOf: (id) => this.#causes?.find(({ causeId }) => causeId === id)?.message ?? null,
      engage: (cause) => {
        if (life.isAlive) this.#engage(cause);
      },
      release: (released) => life.isAlive && this.#release(released),
    };
  }

  #causeIds(): readonly string[] | null {
    if (this.#isHandMade) return [];
    return this.#causes?.map(({ causeId }) => causeId) ?? null;
  }

  #engage(cause: Cause): void {
    const causes = this.#causes ?? [];
    if (causes.some(({ causeId }) => causeId === cause.causeId)) return;
    this.#causes = [...causes, cause];
  }

  #release(released: readonly string[]): boolean {
    const present = this.#causeIds();
    if (present === null) return true;
    const isOurs = present.length > 0 && present.every((causeId) => released.includes(causeId));
    if (isOurs) this.#causes = null;
    return isOurs;
  }
}
