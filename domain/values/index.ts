export * from './assert.js';
export type { Branded } from './branded.js';
export * from './decimal.js';
export * from './instant.js';
export * from './json-text.js';
export * from './money.js';
export * from './price.js';
export * from './quantity.js';
export * from './usd.js';
