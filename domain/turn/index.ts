export * from './apply-turn-event.js';
export * from './next-turn-step.js';
export * from './plan-turn.js';
export * from './turn.js';
export * from './turn-event.js';
export * from './turn-orders.js';
export * from './turn-transitions.js';
