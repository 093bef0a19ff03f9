import type { OrderClass, OrderType, Side, StopLoss, TimeInForce } from '../domain/order/index.js';
import type { HaltRequest } from '../domain/safety/halt-request.js';
import type { Price, Quantity, Usd } from '../domain/values/index.js';
import type { HaltView, ReleaseAnswer, ReleaseRequest } from '../workflows/contract/kill-switch.js';
import type { ReconciliationResult } from '../workflows/contract/lifecycle.js';
import type {
  CancelAnswer,
  CancelRequest,
  OrderView,
  ReplaceAnswer,
  ReplaceRequest,
} from '../workflows/contract/order.js';

/** The workflows of a running Ordinis. Every method throws one line when it is gone. */
export interface RunClient {
  /**
   * Resolves with the broker's answer, our denial, or `unknown` when nobody can tell. Under an id
   * that the books know: of the same wish the order as it is, of another one a denial.
   */
  submitOrder(order: ManualOrder, submitter: Submitter): Promise<OrderView>;
  cancelOrder(clientOrderId: string, request: CancelRequest): Promise<CancelAnswer>;
  /** Resolves with what came of it; a replacement by cancel waits for its confirmation. */
  replaceOrder(clientOrderId: string, replacement: ManualReplacement): Promise<ReplaceAnswer>;
  /** Tells the kill switch workflow of a halt; `metadata.causeId` names a cause that is engaged. */
  signalHalt(request: HaltRequest): Promise<void>;
  release(request: ReleaseRequest): Promise<ReleaseAnswer>;
  haltState(): Promise<HaltView>;
  reconcile(): Promise<ReconciliationResult>;
  close(): Promise<void>;
}

/** Who wishes, and where the books of the run are. */
export interface Submitter {
  readonly by: string;
  readonly dataDirectory: string;
}

/** A replacement that a person wishes. The instant is the run's to fill in. */
export type ManualReplacement = Omit<ReplaceRequest, 'decidedAtMs'>;

/** An order that a person wishes. Strategy, leg, purpose and instants are the run's to fill in. */
export interface ManualOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Zero where an amount is wished. */
  readonly quantity: Quantity;
  readonly amount: Usd | null;
  readonly type: OrderType;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce;
  readonly extendedHours: boolean;
  readonly orderClass: OrderClass;
  readonly takeProfit: Price | null;
  readonly stopLoss: StopLoss | null;
}
