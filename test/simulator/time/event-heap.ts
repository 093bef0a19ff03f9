/** Whose event it is: what belongs to a dead process never happens. */
export interface Owner {
  readonly name: string;
  readonly isAlive: boolean;
}

export class TimedEvent {
  readonly atMs: number;
  /** Drawn by chance: the order among events of the same instant. */
  readonly rank: number;
  readonly owner: Owner | null;
  readonly label: string;
  /** Null: it was canceled. */
  run: (() => void | Promise<void>) | null;

  constructor(
    when: { readonly atMs: number; readonly rank: number },
    what: { readonly owner: Owner | null; readonly label: string },
    run: () => void | Promise<void>,
  ) {
    this.atMs = when.atMs;
    this.rank = when.rank;
    this.owner = what.owner;
    this.label = what.label;
    this.run = run;
  }

  cancel(): void {
    this.run = null;
  }
}

/** Events by time, then by rank: a binary heap. */
export class EventHeap {
  readonly #events: TimedEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  push(event: TimedEvent): void {
    const events = this.#events;
    let index = events.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      events[index] = parent;
      index = above;
    }
    events[index] = event;
  }

  peek(): TimedEvent | undefined {
    return this.#events[0];
  }

  pop(): TimedEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let index = 0;
    for (;;) {
      const below = this.#lesserBelow(index);
      const child = events[below];
      if (child === undefined || !isBefore(child, last)) break;
      events[index] = child;
      index = below;
    }
    events[index] = last;
    return first;
  }

  #lesserBelow(index: number): number {
    const left = 2 * index + 1;
    const [one, other] = [this.#events[left], this.#events[left + 1]];
    return one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
  }
}

function isBefore(left: TimedEvent, right: TimedEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.rank < right.rank);
}
