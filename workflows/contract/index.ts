export * from './ids.js';
export * from './kill-switch.js';
export * from './lifecycle.js';
export * from './order.js';
export * from './search-attributes.js';
export * from './turn.js';
