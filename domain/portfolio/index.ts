export * from './equity.js';
export * from './worst-case-exposure.js';
