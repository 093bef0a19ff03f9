export { connectToTemporal } from './connect.js';
export {
  startEmbeddedTemporal,
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
} from './embedded-temporal.js';
export { prepareNamespace, type NamespaceWish, type SearchAttributes } from './namespace.js';
export { TemporalUnavailable } from './unavailable.js';
