export * from './assess-risk.js';
export * from './deny-reason.js';
export * from './exposure.js';
export * from './open-orders.js';
export * from './price-tick.js';
export * from './session-rules.js';
export * from './validate-group.js';
export * from './validate-intent.js';
