import type { Owner } from '../time/event-heap.js';

/** One start of Ordinis, from its boot epoch to its death. */
export class ProcessLife implements Owner {
  readonly name: string;
  readonly bootEpoch: number;
  readonly closing = new AbortController();
  #isAlive = true;
  readonly #onDeath: () => void;

  constructor(bootEpoch: number, onDeath: () => void) {
    this.bootEpoch = bootEpoch;
    this.name = `process ${bootEpoch}`;
    this.#onDeath = onDeath;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** As by SIGKILL: whatever it had in memory and under way is gone. */
  die(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#onDeath();
  }
}

/** What a dead process asks for is never answered. */
export function never<Answer>(): Promise<Answer> {
  return new Promise(() => undefined);
}
