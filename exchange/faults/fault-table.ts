import {
  type EventFacts,
  type Fault,
  type FaultKind,
  matchesEvent,
  matchesRequest,
  type RequestFacts,
} from './fault-rule.js';

/** A fault in force, with how often it matched and fired. */
export type ActiveFault = Fault & {
  readonly id: string;
  readonly matchedCount: number;
  readonly firedCount: number;
};

/** A fault that fires now. */
export interface FiredFault {
  readonly id: string;
  readonly kind: FaultKind;
}

/** The faults in force, oldest first. Only the first that is due fires on a request or frame. */
export class FaultTable {
  private faults: readonly ActiveFault[] = [];
  private addedCount = 0;

  add(fault: Fault): ActiveFault {
    this.addedCount += 1;
    const active = { ...fault, id: `fault-${this.addedCount}`, matchedCount: 0, firedCount: 0 };
    this.faults = [...this.faults, active];
    return active;
  }

  list(): readonly ActiveFault[] {
    return this.faults;
  }

  /** Removes one fault, or all with null. Answers how many. */
  remove(id: string | null): number {
    const kept = id === null ? [] : this.faults.filter((fault) => fault.id !== id);
    const removedCount = this.faults.length - kept.length;
    this.faults = kept;
    return removedCount;
  }

  /** Whether any fault counts this request, so that counting it must be remembered. */
  concerns(request: RequestFacts): boolean {
    return this.faults.some((fault) => matchesRequest(fault, request));
  }

  noteRequest(request: RequestFacts): FiredFault | null {
    return this.note((fault) => matchesRequest(fault, request));
  }

  noteEvent(event: EventFacts): FiredFault | null {
    return this.note((fault) => matchesEvent(fault, event));
  }

  private note(matches: (fault: Fault) => boolean): FiredFault | null {
    let fired: FiredFault | null = null;
    this.faults = this.faults.map((fault) => {
      if (!matches(fault)) return fault;
      const matched = { ...fault, matchedCount: fault.matchedCount + 1 };
      if (fired !== null || !isDue(matched)) return matched;
      fired = { id: fault.id, kind: fault.action.kind };
      return { ...matched, firedCount: fault.firedCount + 1 };
    });
    return fired;
  }
}

function isDue(fault: ActiveFault): boolean {
  const { nth, times } = fault.match;
  return fault.matchedCount >= nth && (times === null || fault.firedCount < times);
}
