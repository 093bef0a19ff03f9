import type { RiskLimits } from '../../../domain/risk/index.js';
import { type BrokerOrder, isOpenAtBroker } from '../../checker/journal.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import { isForeignOrder } from '../scenario/mischief.js';

/** Prices are nano-dollars a unit and quantities nano-units: their product, in micro-dollars. */
const MICROS = 1_000_000_000_000n;

export interface LimitsAtBrokerParts {
  readonly journal: ExchangeJournal;
  readonly limits: RiskLimits;
  /** Between which prices each symbol has been quoted so far, in nano-dollars. */
  readonly quotedRanges: ReadonlyMap<string, PriceRange>;
}

export interface PriceRange {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * I9 prefix by prefix: whenever the exchange takes an order of ours, what is held and everything
 * open there stays within the limits at the worst case. Judged at the lowest price that the run has
 * seen, by which an order may only look smaller than when it was admitted: a finding is never a
 * matter of prices. What others trade on the account, and what the venue takes back, is not ours to
 * limit: it is left out of the count.
 */
export class LimitsAtBroker {
  readonly #parts: LimitsAtBrokerParts;
  readonly #taken = new Set<string>();

  constructor(parts: LimitsAtBrokerParts) {
    this.#parts = parts;
  }

  /** What is broken since the exchange has told of this order; only its first event can. */
  faultsOf(brokerOrderId: string): readonly string[] {
    const order = this.#parts.journal.orders.get(brokerOrderId);
    if (order === undefined || this.#taken.has(brokerOrderId)) return [];
    this.#taken.add(brokerOrderId);
    if (isForeignOrder(order) || !isOpenAtBroker(order) || order.status === 'held') return [];
    return [...this.#orderFaults(order), ...this.#accountFaults(order)];
  }

  #orderFaults(order: BrokerOrder): readonly string[] {
    const { symbol, clientOrderId } = order;
    const opening = this.#unitsAfter(order) - this.#unitsBefore(order);
    if (opening <= 0n) return [];
    const { orderNotionalMax, positionNotionalMax } = this.#parts.limits;
    const worth = (units: bigint): bigint => (units * this.#lowest(symbol)) / MICROS;
    const ordered = worth(order.quantityNanos ?? 0n);
    const held = worth(this.#unitsAfter(order));
    return [
      ...(ordered > BigInt(orderNotionalMax)
        ? [`I9: order ${clientOrderId} is worth ${ordered}, the limit is ${orderNotionalMax}`]
        : []),
      ...(held > BigInt(positionNotionalMax)
        ? [`I9: ${clientOrderId} may make ${symbol} ${held}, the limit is ${positionNotionalMax}`]
        : []),
    ];
  }

  /** Everything that is and may be held, against own money at its best. */
  #accountFaults(order: BrokerOrder): readonly string[] {
    if (this.#unitsAfter(order) <= this.#unitsBefore(order)) return [];
    const { journal, limits, quotedRanges } = this.#parts;
    let exposure = 0n;
    let own = journal.openingCashMicros;
    for (const { cashMicros } of journal.executions) own += cashMicros;
    for (const [symbol, { lowest, highest }] of quotedRanges) {
      const held = this.#held(symbol);
      own += (held * BigInt(held > 0n ? highest : lowest)) / MICROS;
      const [long, short] = [held + this.#open(symbol, 'buy'), this.#open(symbol, 'sell') - held];
      const worst = long > short ? long : short;
      exposure += ((worst > 0n ? worst : 0n) * BigInt(lowest)) / MICROS;
    }
    const allowed = (own * BigInt(limits.leverageHundredths)) / 100n;
    if (exposure <= allowed) return [];
    return [`I9: with ${order.clientOrderId} ${exposure} may be held, own money allows ${allowed}`];
  }

  #lowest(symbol: string): bigint {
    return BigInt(this.#parts.quotedRanges.get(symbol)?.lowest ?? 0);
  }

  /** What may be held on the order's side, with the order. */
  #unitsAfter({ symbol, side }: BrokerOrder): bigint {
    return atLeastNone(this.#signedOn(symbol, side) + this.#open(symbol, side));
  }

  /** The same without the order. */
  #unitsBefore(order: BrokerOrder): bigint {
    const { symbol, side } = order;
    const open = this.#open(symbol, side) - remainingOf(order);
    return atLeastNone(this.#signedOn(symbol, side) + open);
  }

  #signedOn(symbol: string, side: string): bigint {
    return side === 'buy' ? this.#held(symbol) : -this.#held(symbol);
  }

  #held(symbol: string): bigint {
    let held = 0n;
    for (const one of this.#parts.journal.executions) {
      const isOurs = one.symbol === symbol && !this.#isForeign(one.brokerOrderId);
      if (isOurs) held += one.side === 'buy' ? one.quantityNanos : -one.quantityNanos;
    }
    return held;
  }

  #isForeign(brokerOrderId: string): boolean {
    const order = this.#parts.journal.orders.get(brokerOrderId);
    return order !== undefined && isForeignOrder(order);
  }

  #open(symbol: string, side: string): bigint {
    let open = 0n;
    for (const order of this.#parts.journal.orders.values()) {
      const counts = order.symbol === symbol && order.side === side && order.status !== 'held';
      if (counts && isOpenAtBroker(order) && !isForeignOrder(order)) open += remainingOf(order);
    }
    return open;
  }
}

function remainingOf({ quantityNanos, filledNanos }: BrokerOrder): bigint {
  return (quantityNanos ?? 0n) - filledNanos;
}

function atLeastNone(units: bigint): bigint {
  return units > 0n ? units : 0n;
}
