export * from './average-true-range.js';
export * from './exponential-moving-average.js';
export type { Indicator, IndicatorState } from './indicator.js';
export * from './indicator-price.js';
export * from './relative-strength-index.js';
export * from './simple-moving-average.js';
export type { SmoothingState } from './smoothing.js';
