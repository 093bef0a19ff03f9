import type { EpochMs } from '../../domain/values/index.js';
import type { EventAction, RequestAction, StreamAction } from '../faults/fault-action.js';
import type { Fault, RequestFacts, StreamFacts } from '../faults/fault-rule.js';
import { type ActiveFault, FaultTable, type FiredFault } from '../faults/fault-table.js';
import type { AccountView, OrderEvent } from '../matching/index.js';
import type { Journal } from './journal.js';

/** The faults of a run, what each keeps in its grip, and their lines in the journal. */
export class FaultDesk {
  private readonly table = new FaultTable();
  /** Fault → the account as it was when the fault was put. */
  private readonly views = new Map<string, AccountView>();
  /** Fault → orders that stay pending until it is removed. */
  private readonly stuckOrderIds = new Map<string, readonly string[]>();

  constructor(private readonly journal: Journal) {}

  get active(): readonly ActiveFault[] {
    return this.table.list();
  }

  add(fault: Fault, atMs: EpochMs, copyView: () => AccountView): ActiveFault {
    const active = this.table.add(fault);
    if (fault.action.kind === 'stale_read') this.views.set(active.id, copyView());
    this.journal.append('fault', atMs, { change: 'added', faultId: active.id, fault });
    return active;
  }

  /** Removes one fault or all; answers how many, and the orders that were stuck for them. */
  remove(
    id: string | null,
    atMs: EpochMs,
  ): { readonly removedCount: number; readonly freedOrderIds: readonly string[] } {
    const gone = this.table.remove(id);
    const freedOrderIds = gone.flatMap((fault) => this.stuckOrderIds.get(fault.id) ?? []);
    for (const fault of gone) {
      this.views.delete(fault.id);
      this.stuckOrderIds.delete(fault.id);
    }
    if (gone.length > 0) this.journal.append('fault', atMs, { change: 'removed', faultId: id });
    return { removedCount: gone.length, freedOrderIds };
  }

  /** The account that a stale read is answered from; null when the fault is gone. */
  viewOf(faultId: string): AccountView | null {
    return this.views.get(faultId) ?? null;
  }

  holdBack(faultId: string, orderId: string): void {
    this.stuckOrderIds.set(faultId, [...(this.stuckOrderIds.get(faultId) ?? []), orderId]);
  }

  concernsRequest(facts: RequestFacts): boolean {
    return this.table.concerns(facts);
  }

  concernsStream(facts: StreamFacts): boolean {
    return this.table.concernsStream(facts);
  }

  matchRequest(input: {
    readonly facts: RequestFacts;
    readonly requestId: string;
    readonly atMs: EpochMs;
    readonly receivedWallMs: number;
  }): FiredFault<RequestAction> | null {
    const { facts, requestId, atMs, receivedWallMs } = input;
    const fired = this.table.noteRequest(facts, receivedWallMs);
    this.noteFired(fired, atMs, { requestId, ...facts });
    return fired;
  }

  matchEvent(event: OrderEvent): EventAction | null {
    const { eventId, type, order, atMs } = event;
    const facts = { event: type, clientOrderId: order.clientOrderId };
    const fired = this.table.noteEvent(facts);
    this.noteFired(fired, atMs, { eventId, ...facts });
    return fired?.action ?? null;
  }

  matchStream(facts: StreamFacts, atMs: EpochMs): StreamAction | null {
    const fired = this.table.noteStream(facts);
    this.noteFired(fired, atMs, { ...facts });
    return fired?.action ?? null;
  }

  private noteFired(
    fired: FiredFault<{ readonly kind: string }> | null,
    atMs: EpochMs,
    facts: Readonly<Record<string, unknown>>,
  ): void {
    if (fired === null) return;
    const { id: faultId, action } = fired;
    this.journal.append('fault', atMs, { change: 'fired', faultId, action: action.kind, ...facts });
  }
}
