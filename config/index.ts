export * from './broker-keys.js';
export * from './load.js';
export type { EnvironmentVariables } from './schema.js';
