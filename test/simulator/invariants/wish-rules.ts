import type { BooksReader, OrderRow } from '../../../adapters/store/port.js';
import { differingFields, type OrderIntent } from '../../../domain/order/index.js';
import type { BrokerOrder } from '../../checker/journal.js';

const ALL = 1_000_000;

type Field = string | bigint | null;
type HeldRow = Pick<OrderRow, 'order' | 'parent' | 'replaces'>;

/**
 * What is wished must come to one order or none: nonsense is denied before the broker with one line
 * in the audit, and an id stands for the order that the books hold, whatever else is wished under
 * it later.
 */
export class WishRules {
  readonly #nonsense = new Set<string>();
  readonly #others: OrderIntent[] = [];

  /** Our own rules must deny it. */
  isNonsense(clientOrderId: string): void {
    this.#nonsense.add(clientOrderId);
  }

  /** Somebody has wished something under an id that was used, and was answered. */
  wishedUnderUsedId(intent: OrderIntent): void {
    this.#others.push(intent);
  }

  /** What is wrong with a send that begins now. */
  sendFaults(clientOrderId: string): readonly string[] {
    return this.#nonsense.has(clientOrderId)
      ? [`I9: ${clientOrderId} is sent, and it is nonsense`]
      : [];
  }

  /** What is wrong with an order of ours as the exchange has it, beside what the books hold. */
  orderFaults(order: BrokerOrder, row: HeldRow): readonly string[] {
    // A leg is the broker's word, and a replacement is told as a change.
    if (row.parent !== null || row.replaces !== null) return [];
    const { intent } = row.order;
    const pairs: readonly (readonly [string, Field, Field])[] = [
      ['symbol', order.symbol, intent.symbol],
      ['side', order.side, intent.side],
      ['quantity', order.quantityNanos, BigInt(intent.quantity)],
      ['type', order.type, intent.type],
      ['time in force', order.timeInForce, intent.timeInForce],
      ['limit price', order.limitPriceNanos, bigintOrNull(intent.limitPrice)],
      ['stop price', order.stopPriceNanos, bigintOrNull(intent.stopPrice)],
    ];
    return pairs.flatMap(([name, sent, held]) =>
      sent === held
        ? []
        : [`I1: ${intent.clientOrderId} has ${name} ${sent}, the books hold ${held}`],
    );
  }

  /** What is wrong with the books at the end. */
  async endFaults(reader: BooksReader): Promise<readonly string[]> {
    const audit = await reader.audit.from(1, ALL);
    const linesOf = (kind: string, entity: string, text: string): number =>
      audit.filter((row) => row.kind === kind && row.entity === entity && row.body.includes(text))
        .length;
    const faults: string[] = [];
    for (const id of this.#nonsense) {
      const row = await reader.orders.byClientOrderId(id);
      if (row === null) continue;
      const { state } = row.order.progress;
      if (state !== 'denied') faults.push(`I9: ${id} is nonsense, and is ${state}`);
      const lines = linesOf('order_changed', id, '"to":"denied"');
      if (lines !== 1) faults.push(`I10: the denial of ${id} has ${lines} lines in the audit`);
    }
    for (const asked of this.#others) {
      const { clientOrderId: id, decidedAtMs } = asked;
      const row = await reader.orders.byClientOrderId(id);
      const isOther = row !== null && differingFields(row.order.intent, asked).length > 0;
      const lines = linesOf('wish_denied', id, `"decidedAtMs":${decidedAtMs},`);
      if (lines === (isOther ? 1 : 0)) continue;
      faults.push(`I10: ${isOther ? 'another' : 'the same'} wish under ${id} has ${lines} denials`);
    }
    return faults;
  }
}

function bigintOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
