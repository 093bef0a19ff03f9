import { drawRandom, randomStateOf } from '../matching/index.js';
import type { EventAction, RequestAction, StreamAction } from './fault-action.js';
import {
  type EventFacts,
  type EventFault,
  type Fault,
  eventFaultFor,
  type RequestFacts,
  type RequestFault,
  requestFaultFor,
  type StreamFacts,
  type StreamFault,
  streamFaultFor,
} from './fault-rule.js';

/** A fault in force, with how often it matched and fired. */
export type ActiveFault = Fault & {
  readonly id: string;
  readonly matchedCount: number;
  readonly firedCount: number;
};

/** A fault that fires now, and what it does. */
export interface FiredFault<Action = RequestAction> {
  readonly id: string;
  readonly action: Action;
}

type Counted = RequestFault | EventFault | StreamFault;

/** The faults in force, oldest first. Only the first that is due fires on a request or frame. */
export class FaultTable {
  private faults: readonly ActiveFault[] = [];
  private addedCount = 0;
  /** Wall time of the first match, where a fault has a time to live. */
  private readonly startedWallMs = new Map<string, number>();

  add(fault: Fault): ActiveFault {
    this.addedCount += 1;
    const active = { ...fault, id: `fault-${this.addedCount}`, matchedCount: 0, firedCount: 0 };
    this.faults = [...this.faults, active];
    return active;
  }

  list(): readonly ActiveFault[] {
    return this.faults;
  }

  /** Removes one fault, or all with null. Answers those that are gone. */
  remove(id: string | null): readonly ActiveFault[] {
    const isGone = (fault: ActiveFault) => id === null || fault.id === id;
    const gone = this.faults.filter(isGone);
    this.faults = this.faults.filter((fault) => !isGone(fault));
    return gone;
  }

  /** Whether any fault counts this request, so that counting it must be remembered. */
  concerns(request: RequestFacts): boolean {
    return this.faults.some((fault) => requestFaultFor(fault, request) !== null);
  }

  /** Whether any fault counts this moment of a connection. */
  concernsStream(facts: StreamFacts): boolean {
    return this.faults.some((fault) => streamFaultFor(fault, facts) !== null);
  }

  noteRequest(request: RequestFacts, atWallMs: number): FiredFault<RequestAction> | null {
    return this.note<RequestFault>((fault) => {
      const found = requestFaultFor(fault, request);
      return found !== null && this.isAlive(fault.id, found, atWallMs) ? found : null;
    });
  }

  noteEvent(event: EventFacts): FiredFault<EventAction> | null {
    return this.note<EventFault>((fault) => eventFaultFor(fault, event));
  }

  noteStream(facts: StreamFacts): FiredFault<StreamAction> | null {
    return this.note<StreamFault>((fault) => streamFaultFor(fault, facts));
  }

  private note<Kind extends Counted>(
    find: (fault: ActiveFault) => Kind | null,
  ): FiredFault<Kind['action']> | null {
    let fired: FiredFault<Kind['action']> | null = null;
    this.faults = this.faults.map((fault) => {
      const found = find(fault);
      if (found === null) return fault;
      const counts = { matchedCount: fault.matchedCount + 1, firedCount: fault.firedCount };
      if (fired !== null || !isDue(found, counts)) return { ...fault, ...counts };
      fired = { id: fault.id, action: found.action };
      return { ...fault, ...counts, firedCount: counts.firedCount + 1 };
    });
    return fired;
  }

  private isAlive(id: string, { match }: RequestFault, atWallMs: number): boolean {
    if (match.forMs === null) return true;
    const startedWallMs = this.startedWallMs.get(id) ?? atWallMs;
    this.startedWallMs.set(id, startedWallMs);
    return atWallMs < startedWallMs + match.forMs;
  }
}

function isDue(
  { match }: Counted,
  counts: { readonly matchedCount: number; readonly firedCount: number },
): boolean {
  const { nth, times, probability, seed } = match;
  if (counts.matchedCount < nth || (times !== null && counts.firedCount >= times)) return false;
  if (probability === 1) return true;
  return drawRandom(randomStateOf(`${seed}/${counts.matchedCount}`)).value < probability;
}
