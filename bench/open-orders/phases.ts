/** What one process of the bench found, told to the parent over the channel between them. */
export interface Filled {
  readonly phase: 'fill';
  readonly orders: number;
  readonly acceptedMs: number;
  /** Growth of this process, workflow threads included, for each open order. */
  readonly residentKibPerOrder: number;
  /** History events that one more signal to a resting order costs. */
  readonly eventsPerSignal: number;
}

export interface Recovered {
  readonly phase: 'recover';
  /** Since the process was started, as all of these: books repaired and the system running. */
  readonly runningMs: number;
  /** A new order has been filled and booked. */
  readonly firstFillMs: number;
  /** From the bulk cancel's request: the exchange has answered it. */
  readonly cancelAnsweredMs: number;
  /** Every cancel event is in the books. */
  readonly cancelBookedMs: number;
  /** The last workflow has handled its order's end. */
  readonly cancelHandledMs: number;
}

export type Phase = Filled | Recovered;

/** What a child of the bench is started with. */
export interface PhaseWish {
  readonly phase: Phase['phase'];
  readonly dataDirectory: string;
  readonly temporalBinary: string;
  /** The same for both phases, as it is for a person's starts. */
  readonly temporalPort: number;
  readonly orders: number;
  /** The wall instant at which the parent started it. */
  readonly startedWallMs: number;
}
