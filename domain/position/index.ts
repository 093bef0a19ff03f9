export * from './apply-fill.js';
export * from './position.js';
