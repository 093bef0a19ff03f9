export { type AlpacaBrokerOptions, createAlpacaBroker } from './alpaca-broker.js';
