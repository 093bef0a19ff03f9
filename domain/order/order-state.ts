/** Every state of an order, in the order of a life. */
export const ORDER_STATES = [
  'created',
  'submitting',
  'unknown',
  'accepted',
  'partially_filled',
  'held',
  'pending_cancel',
  'pending_replace',
  'filled',
  'canceled',
  'expired',
  'replaced',
  'refused',
  'denied',
  'abandoned',
] as const;

export type OrderState = (typeof ORDER_STATES)[number];
export type InFlightState = 'submitting' | 'unknown';
export type WorkingState =
  | 'accepted'
  | 'partially_filled'
  | 'held'
  | 'pending_cancel'
  | 'pending_replace';
export type ClosedState =
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'replaced'
  | 'refused'
  | 'denied'
  | 'abandoned';

export const IN_FLIGHT_STATES: readonly InFlightState[] = ['submitting', 'unknown'];
export const WORKING_STATES: readonly WorkingState[] = [
  'accepted',
  'partially_filled',
  'held',
  'pending_cancel',
  'pending_replace',
];
export const CLOSED_STATES: readonly ClosedState[] = [
  'filled',
  'canceled',
  'expired',
  'replaced',
  'refused',
  'denied',
  'abandoned',
];
/** States of orders that may still cost money: everything that is not closed. */
export const OPEN_STATES: readonly OrderState[] = [
  'created',
  ...IN_FLIGHT_STATES,
  ...WORKING_STATES,
];

/** Sent, or perhaps sent, and nobody has answered yet. */
export function isInFlight(state: OrderState): state is InFlightState {
  return (IN_FLIGHT_STATES as readonly OrderState[]).includes(state);
}

/** Neither the broker nor we have said yet what becomes of it. Not knowing is an answer too. */
export function isAwaitingAnswer(state: OrderState): boolean {
  return state === 'created' || state === 'submitting';
}

/** At the broker, and able to fill. */
export function isWorking(state: OrderState): state is WorkingState {
  return (WORKING_STATES as readonly OrderState[]).includes(state);
}

/** At its end, as far as anybody has proven. The broker's truth may still reopen it. */
export function isClosed(state: OrderState): state is ClosedState {
  return (CLOSED_STATES as readonly OrderState[]).includes(state);
}
