export * from './fold-trade.js';
export * from './losing-streak.js';
export * from './trade.js';
