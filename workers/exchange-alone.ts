/**
 * What `ordinis exchange` calls: the paper exchange, without Temporal, books and broker. A run
 * starts the exchange as a process of its own and never loads it.
 */
export { startExchange as runExchange } from '../exchange/index.js';
