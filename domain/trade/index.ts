export * from './fold-trade.js';
export * from './losing-streak.js';
export * from './replay-fills.js';
export * from './trade.js';
