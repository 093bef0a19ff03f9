export * from './signal.js';
export * from './plan-order.js';
